import type {Image} from '@foveal/data';
import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';
import {textWidth} from './shorten.js';
import {text} from './text.js';
import {thumbnail} from './thumbnail.js';

/** One row of the grid: the same images, in one of their states. */
export interface ReconstructionRow {
  /** Stands on the left: `input`, `corrupted`, `reconstruction`. */
  name: string;
  images: readonly Image[];
}

export interface ReconstructionGridOptions {
  title?: string;
  /** Pixels of the square each image is fitted into. @defaultValue 84 */
  cellSize?: number;
}

const margin = 20;
const gap = 8;
const fontSize = 15;

/**
 * Draws images above what became of them, a column for each image.
 *
 * @returns The bytes of a PNG.
 * @throws RangeError if there is nothing to draw, or rows have different lengths.
 */
export async function reconstructionGrid(
  rows: readonly ReconstructionRow[],
  {title, cellSize = 84}: ReconstructionGridOptions = {},
): Promise<Buffer> {
  const columns = rows[0]?.images.length ?? 0;
  if (columns === 0) throw new RangeError('reconstructionGrid: expected at least one image, got none.');
  const other = rows.find(({images}) => images.length !== columns);
  if (other) {
    throw new RangeError(
      `reconstructionGrid: the row "${other.name}" has ${other.images.length} images, "${rows[0].name}" ${columns}.`,
    );
  }
  const names = Math.ceil(Math.max(...rows.map(({name}) => textWidth(name))) * fontSize) + 16;
  const head = title ? 44 : 0;
  const titleWidth = title ? Math.ceil(textWidth(title) * 19 * 1.12) : 0;
  const width = Math.max(names + columns * (cellSize + gap) - gap, titleWidth) + 2 * margin;
  const height = 2 * margin + head + rows.length * (cellSize + gap) - gap;

  const drawn = await Promise.all(
    rows.map(async ({name, images}, r) => {
      const y = margin + head + r * (cellSize + gap);
      const cells = await Promise.all(
        images.map(async (image, c) => {
          const {png, width: w, height: h} = await thumbnail(image, cellSize);
          const x = margin + names + c * (cellSize + gap);
          return (
            `<image x="${x + (cellSize - w) / 2}" y="${y + (cellSize - h) / 2}" width="${w}" height="${h}" ` +
            `image-rendering="optimizeSpeed" href="data:image/png;base64,${png.toString('base64')}"/>`
          );
        }),
      );
      return (
        text(name, margin, y + cellSize / 2 + fontSize / 3, {size: fontSize, width: names}) + cells.join('')
      );
    }),
  );
  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">` +
      (title ? text(title, margin, margin + 20, {size: 19, bold: true, color: palette.ink}) : '') +
      `${drawn.join('')}</svg>`,
  );
}
