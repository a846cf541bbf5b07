import type {Image} from '@foveal/data';
import pLimit from 'p-limit';
import {legend as drawKeys, type Legend} from './legend.js';
import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';
import {probability, text} from './text.js';
import {type Thumbnail, thumbnail} from './thumbnail.js';

/** One picture of a contact sheet with what was predicted for it. */
export interface Cell {
  image: Image;
  /** The predicted category. */
  label: string;
  /** The prediction's probability, in [0, 1]; written as a percentage. */
  score?: number;
  /** The true category, where it is known: a right label is blue with ✓, a wrong one orange with ✗. */
  truth?: string;
  /** A quiet line under the label, e.g. the file's name. */
  note?: string;
}

export interface ContactSheetOptions {
  title?: string;
  /** @defaultValue about as many as rows, a little more */
  columns?: number;
  /** Pixels of the square each image is fitted into. @defaultValue 140 */
  cellSize?: number;
  /** What the colours drawn on the images mean; stands below. @defaultValue none */
  keys?: readonly Legend[];
}

const margin = 20;
const gap = 14;
const fontSize = 15;
const noteSize = 12;
const lineHeight = 20;

/**
 * Draws images in a grid, each with its label, score and truth, as a PNG file.
 *
 * @returns The bytes of the PNG.
 * @throws RangeError if there is no cell.
 */
export async function contactSheet(
  cells: readonly Cell[],
  {
    title,
    columns = Math.ceil(Math.sqrt(cells.length * 1.5)),
    cellSize = 140,
    keys = [],
  }: ContactSheetOptions = {},
): Promise<Buffer> {
  if (cells.length === 0) throw new RangeError('contactSheet: expected at least one image, got none.');
  const across = Math.max(1, Math.min(columns, cells.length));
  const hasFacts = cells.some(cell => cell.score !== undefined || isWrong(cell));
  const lines = 1 + Number(hasFacts) + Number(cells.some(({note}) => note));
  const head = title ? 46 : 0;
  const cellHeight = cellSize + 8 + lines * lineHeight;
  const legend = cells.some(({truth}) => truth !== undefined) ? 32 : 0;
  const rows = Math.ceil(cells.length / across);
  const width = Math.max(2 * margin + across * cellSize + (across - 1) * gap, 540);
  const gridBottom = margin + head + rows * cellHeight + (rows - 1) * gap;
  const below = drawKeys(keys, {x: margin, y: gridBottom + 12, width: width - 2 * margin});
  const height = gridBottom + margin + legend + (below.height && below.height + 12);

  const limit = pLimit(4);
  const images = await Promise.all(cells.map(({image}) => limit(() => thumbnail(image, cellSize - 8))));
  const drawn = cells.map((cell, i) => {
    const x = margin + (i % across) * (cellSize + gap);
    const y = margin + head + Math.floor(i / across) * (cellHeight + gap);
    return drawCell(cell, images[i], {x, y, side: cellSize, hasFacts});
  });

  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">` +
      (title ? text(title, margin, margin + 20, {size: 19, bold: true, width: width - 2 * margin}) : '') +
      drawn.join('') +
      below.svg +
      (legend ? drawLegend(height - margin) : '') +
      '</svg>',
  );
}

const isWrong = ({label, truth}: Cell) => truth !== undefined && truth !== label;
const tint = (cell: Cell) =>
  cell.truth === undefined ? palette.quiet : isWrong(cell) ? palette.wrong : palette.right;

interface Place {
  x: number;
  y: number;
  side: number;
  hasFacts: boolean;
}

function drawCell(cell: Cell, {png, width, height}: Thumbnail, {x, y, side, hasFacts}: Place): string {
  const color = tint(cell);
  const mark = cell.truth === undefined ? '' : isWrong(cell) ? '✗ ' : '✓ ';
  const facts = [cell.score !== undefined && probability(cell.score), isWrong(cell) && `is ${cell.truth}`];
  let line = y + side + 8 + fontSize;
  const next = () => (line += lineHeight) - lineHeight;
  return [
    `<rect x="${x + 1.5}" y="${y + 1.5}" width="${side - 3}" height="${side - 3}" fill="#f4f4f4" ` +
      `stroke="${color}" stroke-width="${cell.truth === undefined ? 1 : 3}"${isWrong(cell) ? ' stroke-dasharray="9 4"' : ''}/>`,
    `<image x="${x + (side - width) / 2}" y="${y + (side - height) / 2}" width="${width}" height="${height}" ` +
      `image-rendering="optimizeSpeed" href="data:image/png;base64,${png.toString('base64')}"/>`,
    text(mark + cell.label, x, next(), {size: fontSize, bold: true, color, width: side}),
    hasFacts && text(facts.filter(Boolean).join(', '), x, next(), {size: fontSize, width: side}),
    cell.note && text(cell.note, x, next(), {size: noteSize, color: palette.quiet, width: side}),
  ]
    .filter(Boolean)
    .join('');
}

const drawLegend = (y: number) =>
  text('✓ right', margin, y, {size: 14, bold: true, color: palette.right}) +
  text('✗ wrong', margin + 90, y, {size: 14, bold: true, color: palette.wrong}) +
  text('the number is the probability of the label', margin + 185, y, {size: 14, color: palette.quiet});
