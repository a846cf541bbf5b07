import type {Image} from '@foveal/data';
import {heatColor} from './heatColors.js';
import type {HeatRange} from './heatImage.js';
import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';
import {textWidth} from './shorten.js';
import {text} from './text.js';
import {thumbnail} from './thumbnail.js';

export interface ImagePanel {
  image: Image;
  caption: string;
}

export interface PanelsOptions {
  title: string;
  /** A quiet line under the title. */
  note?: string;
  /** What the colours of the panels mean: a bar at the right. @defaultValue none */
  range?: HeatRange & {
    /** What the values are, such as `fall of the probability`. */
    name: string;
    /** Whether values beyond the last colour have it, too. @defaultValue false */
    cut?: boolean;
  };
  /** Pixels of the square each image is fitted into. @defaultValue 300 */
  side?: number;
}

const margin = 20;
const gap = 16;
const barWidth = 20;
const barRoom = 104;

/** Draws images side by side under a title, with a bar for their colours, as a PNG file. @returns The bytes of the PNG. */
export async function panels(
  shown: readonly ImagePanel[],
  {title, note, range, side = 300}: PanelsOptions,
): Promise<Buffer> {
  const pictures = await Promise.all(shown.map(({image}) => thumbnail(image, side)));
  const tallest = Math.max(...pictures.map(({height}) => height));
  const widths = pictures.map(({width}) => Math.max(width, 150));
  const across = widths.reduce((sum, width) => sum + width + gap, -gap);
  const titleWidth = Math.min(textWidth(title) * 19 * 1.12, 860);
  const width = 2 * margin + Math.max(across + (range ? gap + barRoom : 0), titleWidth);
  const top = margin + (note ? 62 : 40);
  const height = top + tallest + 34 + (range ? 22 : 0) + margin - 8;
  let left = margin;
  const drawn = pictures.map(({png, ...size}, i) => {
    const x = left;
    left += widths[i] + gap;
    return (
      `<image x="${x + (widths[i] - size.width) / 2}" y="${top}" width="${size.width}" height="${size.height}" ` +
      `image-rendering="optimizeSpeed" href="data:image/png;base64,${png.toString('base64')}"/>` +
      text(shown[i].caption, x, top + tallest + 22, {size: 14, bold: true, width: widths[i]})
    );
  });
  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">` +
      text(title, margin, margin + 18, {size: 19, bold: true, width: width - 2 * margin}) +
      (note
        ? text(note, margin, margin + 42, {size: 13, color: palette.quiet, width: width - 2 * margin})
        : '') +
      drawn.join('') +
      (range ? bar(range, {x: left, y: top, height: tallest, width, bottom: height - margin + 2}) : '') +
      '</svg>',
  );
}

/** The colours from most to least, with their values, and what they mean. */
function bar(
  {scale, most, name, cut = false}: NonNullable<PanelsOptions['range']>,
  {x, y, height, width, bottom}: {x: number; y: number; height: number; width: number; bottom: number},
): string {
  const steps = 48;
  const stripes = Array.from({length: steps}, (_, i) => {
    const color = heatColor(1 - i / (steps - 1), scale).join(',');
    const [from, to] = [i, i + 1].map(step => y + (height * step) / steps);
    return `<rect x="${x}" y="${from}" width="${barWidth}" height="${to - from + 0.5}" fill="rgb(${color})"/>`;
  });
  const ticks =
    scale === 'signed'
      ? [cut ? `≥ ${brief(most)}` : brief(most), '0', cut ? `≤ −${brief(most)}` : `−${brief(most)}`]
      : [cut ? `≥ ${brief(most)}` : brief(most), brief(most / 2), '0'];
  const labels = ticks.map((label, i) =>
    text(label, x + barWidth + 8, y + 11 + ((height - 12) * i) / 2, {
      size: 13,
      width: barRoom - barWidth - 8,
    }),
  );
  return (
    stripes.join('') +
    `<rect x="${x}" y="${y}" width="${barWidth}" height="${height}" fill="none" stroke="${palette.quiet}"/>` +
    labels.join('') +
    text(`colours: ${name}`, margin, bottom, {size: 13, color: palette.quiet, width: width - 2 * margin})
  );
}

const brief = (value: number) => (value === 0 ? '0' : String(Number(value.toPrecision(2))));
