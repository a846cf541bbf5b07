import type {Image} from '@foveal/data';
import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';
import {probability, text} from './text.js';
import {thumbnail} from './thumbnail.js';

export interface LabelledImageOptions {
  /** Labels that are shown. @defaultValue 3 */
  top?: number;
  /** Pixels of the longer side of the image. @defaultValue 480 */
  size?: number;
}

const margin = 12;
const rowHeight = 26;
const fontSize = 15;

/**
 * Draws an image with its most probable categories under it, each with a bar for its probability, as a PNG file.
 *
 * @param categories - The most probable first.
 * @returns The bytes of the PNG.
 */
export async function labelledImage(
  image: Image,
  categories: readonly {category: string; score: number}[],
  {top = 3, size = 480}: LabelledImageOptions = {},
): Promise<Buffer> {
  const shown = categories.slice(0, top);
  const {png, width: imageWidth, height: imageHeight} = await thumbnail(image, size);
  const width = Math.max(imageWidth, 280);
  const height = imageHeight + 2 * margin + shown.length * rowHeight;
  const labelWidth = width * 0.5;
  const barWidth = width - labelWidth - 3 * margin - 50;
  const rows = shown.map(({category, score}, i) => {
    const y = imageHeight + margin + i * rowHeight;
    const x = margin + labelWidth;
    return (
      text(category, margin, y + 18, {size: fontSize, bold: i === 0, width: labelWidth - margin}) +
      `<rect x="${x}" y="${y + 6}" width="${barWidth}" height="14" fill="${palette.rule}"/>` +
      `<rect x="${x}" y="${y + 6}" width="${barWidth * score}" height="14" fill="${palette.right}"/>` +
      text(probability(score), x + barWidth + margin, y + 18, {size: fontSize})
    );
  });
  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">` +
      `<image x="${(width - imageWidth) / 2}" width="${imageWidth}" height="${imageHeight}" ` +
      `image-rendering="optimizeSpeed" href="data:image/png;base64,${png.toString('base64')}"/>` +
      `${rows.join('')}</svg>`,
  );
}
