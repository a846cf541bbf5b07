// After Zeiler & Fergus, arXiv:1311.2901, figure 5, and Krizhevsky et al., NIPS 2012, figure 3: weights as pictures.
import type * as tf from '@tensorflow/tfjs-core';
import {type Cell, contactSheet} from './contactSheet.js';
import {largest, signedImage} from './signedImage.js';

export interface FilterSheetOptions {
  title?: string;
  /** A name for each filter. @defaultValue their numbers, from 1 */
  labels?: readonly string[];
  /** `each` filter uses all of the brightness there is, or `all` of them share one scale. @defaultValue 'each' */
  scale?: 'each' | 'all';
  /** Weights are in the order blue, green, red. @defaultValue false */
  bgr?: boolean;
  /** @defaultValue about as many as rows, a little more */
  columns?: number;
  /** Pixels of the square each filter is drawn into. @defaultValue 112 */
  cellSize?: number;
}

/**
 * Draws filters of a first layer, or templates of a linear classifier, in a grid: 0 is middle grey, what raises the
 * answer is bright, what lowers it dark; with three channels, in their colours.
 *
 * @param filters - `[count, height, width, channels]` float32, of 1 or 3 channels.
 * @returns The bytes of a PNG.
 * @throws RangeError if they have other channels, or there are as many labels as not filters.
 */
export async function filterSheet(
  filters: tf.Tensor4D,
  {title, labels, scale = 'each', bgr = false, columns, cellSize = 112}: FilterSheetOptions = {},
): Promise<Buffer> {
  const [count, height, width, channels] = filters.shape;
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `filterSheet: filters must have 1 or 3 channels to be seen, got shape [${filters.shape}]. ` +
        'Show those of deeper layers one channel at a time.',
    );
  }
  if (labels && labels.length !== count)
    throw new RangeError(`filterSheet: ${count} filters need as many labels, got ${labels.length}.`);
  const values = (await filters.data()) as Float32Array;
  const size = height * width * channels;
  const common = scale === 'all' ? largest(values) : 0;
  const cells = Array.from({length: count}, (_, i): Cell => {
    const weights = values.subarray(i * size, (i + 1) * size);
    const image = signedImage(weights, {width, height, channels}, {most: common || largest(weights), bgr});
    return {image, label: labels?.[i] ?? String(i + 1)};
  });
  return contactSheet(cells, {
    cellSize,
    ...(title !== undefined && {title}),
    ...(columns !== undefined && {columns}),
  });
}
