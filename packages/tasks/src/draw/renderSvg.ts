import {createRequire} from 'node:module';
import {Resvg} from '@resvg/resvg-js';
import {palette} from './palette.js';

const require = createRequire(import.meta.url);
const fontFile = (name: string) => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);

/** The family every SVG should name; it travels with the package, so text needs no fonts on the machine. */
export const fontFamily = 'DejaVu Sans';

/**
 * Draws an SVG as a PNG file with the fonts of the package, so that the same picture comes out on a machine
 * without any. Scripts that DejaVu lacks are drawn with the machine's fonts.
 *
 * @param svg - A whole SVG document; text in `fontFamily`.
 * @returns The bytes of the PNG.
 */
export function renderSvg(svg: string): Buffer {
  const picture = new Resvg(svg, {
    background: palette.paper,
    font: {
      // DejaVu has no ideographs; a machine whose users name categories in them has fonts that do.
      loadSystemFonts: /[\u0900-\u1cff\u2e80-\ud7ff\uf900-\ufaff]/.test(svg),
      fontFiles: [fontFile('DejaVuSans'), fontFile('DejaVuSans-Bold')],
      defaultFontFamily: fontFamily,
      sansSerifFamily: fontFamily,
    },
  });
  return picture.render().asPng();
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as it may stand in an SVG: markup escaped, control characters (which end an XML parser) replaced. */
export const escapeXml = (text: string) =>
  text.replace(/\p{Cc}|[\ufffe\uffff]/gu, '\ufffd').replace(/[&<>"']/g, character => entities[character]);
