import type {ConfusionMatrix} from '@foveal/data';
import sharp from 'sharp';
import {rgbOf} from './categoryColor.js';
import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';
import {shorten, textWidth} from './shorten.js';
import {text} from './text.js';

export interface ConfusionChartOptions {
  /** @defaultValue 'Confusion matrix' */
  title?: string;
  /** Pairs listed below, the most frequent first. @defaultValue 8 */
  pairs?: number;
}

/** Categories up to which counts are written into the cells. */
const mostWritten = 25;
const margin = 24;
const largestGrid = 1100;
const widestLabel = 190;

/**
 * Draws how often each category was taken for each, as a PNG file: rows are the true categories, shaded by the share
 * of their row. Of more than 25 categories, only those that occur are drawn. Up to 25 categories have their counts written, up to 100 their names; below stand the pairs that are
 * confused most.
 *
 * @returns The bytes of the PNG.
 */
export async function confusionChart(
  all: ConfusionMatrix,
  names: readonly string[],
  {title = 'Confusion matrix', pairs = 8}: ConfusionChartOptions = {},
): Promise<Buffer> {
  const {matrix, categories} =
    all.classes > mostWritten ? occurring(all, names) : {matrix: all, categories: names};
  const {classes} = matrix;
  const hidden = all.classes - classes;
  const cell = Math.max(1, Math.floor(Math.min(classes <= mostWritten ? 56 : 24, largestGrid / classes)));
  const named = cell >= 10;
  const grid = classes * cell;
  const fontSize = Math.min(14, Math.max(9, cell - 2));
  const labels = categories.map(name => shorten(name, widestLabel / fontSize));
  const room = named ? Math.max(0, ...labels.map(label => textWidth(label) * fontSize)) + 8 : 8;
  const [left, top] = [margin + 26 + room, margin + 66];
  const worst = worstPairs(matrix, pairs);
  const width = Math.max(left + grid + margin, 620);
  const listTop = top + grid + room + 64;
  const height = listTop + (worst.length ? 24 + worst.length * 22 : 0) + margin;
  const heat = (await heatmap(matrix)).toString('base64');
  const middle = top + grid / 2;

  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">` +
      text(title, margin, margin + 18, {size: 19, bold: true, width: width - 2 * margin}) +
      text(
        'row: what it is · column: what it was taken for · shade: the share of the row' +
          (hidden ? ` · ${hidden} categories did not occur` : ''),
        margin,
        margin + 42,
        {
          size: 13,
          color: palette.quiet,
        },
      ) +
      `<image x="${left}" y="${top}" width="${grid}" height="${grid}" image-rendering="optimizeSpeed" ` +
      `preserveAspectRatio="none" href="data:image/png;base64,${heat}"/>` +
      `<rect x="${left}" y="${top}" width="${grid}" height="${grid}" fill="none" stroke="${palette.quiet}"/>` +
      `<g transform="rotate(-90 ${margin + 12} ${middle})">${text('true', margin + 12, middle, {size: 14, bold: true, anchor: 'middle'})}</g>` +
      text('predicted', left + grid / 2, top + grid + room + 24, {size: 14, bold: true, anchor: 'middle'}) +
      (named ? axes(labels, {left, top, cell, grid, fontSize}) : '') +
      (classes <= mostWritten ? numbers(matrix, {left, top, cell}) : '') +
      (worst.length ? text('Confused most', margin, listTop, {size: 15, bold: true}) : '') +
      worst
        .map(({truth, taken, count, share}, i) =>
          text(
            `${categories[truth]} taken for ${categories[taken]}: ${count} (${Math.round(100 * share)} %)`,
            margin,
            listTop + 26 + i * 22,
            {size: 14, width: width - 2 * margin},
          ),
        )
        .join('') +
      '</svg>',
  );
}

/** The part of a matrix whose categories are the truth or the prediction of something. */
function occurring(
  {classes, counts}: ConfusionMatrix,
  names: readonly string[],
): {matrix: ConfusionMatrix; categories: string[]} {
  const occurs = new Set<number>();
  counts.forEach((count, i) => {
    if (count > 0) occurs.add(Math.floor(i / classes)).add(i % classes);
  });
  const kept = [...occurs].sort((a, b) => a - b);
  const part = kept.flatMap(row => kept.map(column => counts[row * classes + column]));
  return {
    matrix: {classes: kept.length, counts: Float64Array.from(part)},
    categories: kept.map(c => names[c]),
  };
}

const rowSums = ({classes, counts}: ConfusionMatrix) =>
  Array.from({length: classes}, (_, row) =>
    counts.subarray(row * classes, (row + 1) * classes).reduce((a, b) => a + b, 0),
  );

/** One pixel a cell: white to blue where it is right, white to orange where it is wrong. */
function heatmap(matrix: ConfusionMatrix): Promise<Buffer> {
  const {classes, counts} = matrix;
  const sums = rowSums(matrix);
  const [right, wrong] = [rgbOf(palette.right), rgbOf(palette.wrong)];
  const data = Buffer.alloc(classes * classes * 3);
  counts.forEach((count, i) => {
    const row = Math.floor(i / classes);
    const target = i % classes === row ? right : wrong;
    const shade = strength(sums[row] ? count / sums[row] : 0);
    data.set(
      target.map(v => Math.round(255 + (v - 255) * shade)),
      3 * i,
    );
  });
  return sharp(data, {raw: {width: classes, height: classes, channels: 3}})
    .png()
    .toBuffer();
}

// Rare confusions are what one looks for: a root lifts them out of the white.
const strength = (share: number) => (share > 0 ? 0.06 + 0.94 * Math.sqrt(share) : 0);

interface Grid {
  left: number;
  top: number;
  cell: number;
}

function axes(
  labels: readonly string[],
  {left, top, cell, grid, fontSize}: Grid & {grid: number; fontSize: number},
): string {
  return labels
    .map((label, i) => {
      const [x, y] = [left + (i + 0.5) * cell, top + (i + 0.5) * cell];
      const turned = `translate(${x + fontSize * 0.35} ${top + grid + 8}) rotate(-90)`;
      return (
        text(label, left - 8, y + fontSize * 0.35, {size: fontSize, anchor: 'end'}) +
        `<g transform="${turned}">${text(label, 0, 0, {size: fontSize, anchor: 'end'})}</g>`
      );
    })
    .join('');
}

function numbers(matrix: ConfusionMatrix, {left, top, cell}: Grid): string {
  const {classes, counts} = matrix;
  const sums = rowSums(matrix);
  return Array.from(counts, (count, i) => {
    if (count === 0) return '';
    const [row, column] = [Math.floor(i / classes), i % classes];
    const size = Math.max(8, Math.min(15, (cell - 6) / textWidth(String(count))));
    const dark = strength(count / sums[row]) > 0.62;
    return text(String(count), left + (column + 0.5) * cell, top + (row + 0.5) * cell + size * 0.36, {
      size,
      anchor: 'middle',
      bold: row === column,
      color: dark ? palette.paper : palette.ink,
    });
  }).join('');
}

function worstPairs(
  matrix: ConfusionMatrix,
  limit: number,
): {truth: number; taken: number; count: number; share: number}[] {
  const {classes, counts} = matrix;
  const sums = rowSums(matrix);
  return Array.from(counts.keys())
    .filter(i => counts[i] > 0 && Math.floor(i / classes) !== i % classes)
    .sort((a, b) => counts[b] - counts[a] || a - b)
    .slice(0, limit)
    .map(i => {
      const truth = Math.floor(i / classes);
      return {truth, taken: i % classes, count: counts[i], share: counts[i] / sums[truth]};
    });
}
