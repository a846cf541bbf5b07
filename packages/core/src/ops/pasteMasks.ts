// Mask R-CNN: He et al., ICCV 2017, arXiv:1703.06870, section 3, "Inference"; the arithmetic is torchvision's.
import * as tf from '@tensorflow/tfjs-core';
import type {Rle} from '../rle.js';
import {checkShapes} from '../shapes.js';
import {blend, blendedColumn, pastedBox, pastedTaps, type Tap} from './pasteGeometry.js';

export const PasteMasks = 'PasteMasks';
export type PasteMasksAttrs = PasteMasksOptions;

export interface PasteMasksOptions {
  /** Of the image, in pixels. */
  height: number;
  /** Of the image, in pixels. */
  width: number;
}

/**
 * Lays each mask over its box: torchvision's `paste_masks_in_image`. The mask gets a border of zeros, the box grows with
 * it and is cut to whole pixels, and the mask is stretched over them bilinearly. Not differentiable. The result takes
 * `4 · K · height · width` bytes: for many objects or large images use {@link pasteMaskRles}.
 *
 * @param masks - `[K, M, M]` float32, in [0, 1].
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]` in pixels of the image; what lies outside is cut off. A box with
 * NaN or infinity shows nothing.
 * @returns `[K, height, width]` float32, 0 outside the box.
 * @throws TypeError if a shape is wrong; RangeError if the size of the image is.
 */
export function pasteMasks(
  masks: tf.Tensor3D,
  boxes: tf.Tensor2D,
  {height, width}: PasteMasksOptions,
): tf.Tensor3D {
  checkPaste('pasteMasks', masks, boxes, height, width);
  const attrs = {height, width} satisfies PasteMasksAttrs;
  return tf.engine().runKernel(PasteMasks, {masks, boxes}, {...attrs});
}

/**
 * The pixels where {@link pasteMasks} is above a threshold, as runs: memory by the outline of each object, not by the
 * size of the image. Reads the masks from the device.
 *
 * @param masks - `[K, M, M]` float32, in [0, 1].
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]` in pixels of the image.
 * @param options - The size of the image, and `threshold`. @defaultValue 0.5
 * @returns K masks of the size of the image.
 * @throws TypeError if a shape is wrong; RangeError if the size of the image or the threshold is.
 */
export function pasteMaskRles(
  masks: tf.Tensor3D,
  boxes: tf.Tensor2D,
  {height, width, threshold = 0.5}: PasteMasksOptions & {threshold?: number},
): Rle[] {
  const side = checkPaste('pasteMaskRles', masks, boxes, height, width);
  if (!(threshold >= 0)) {
    throw new RangeError(`pasteMaskRles: threshold must be 0 or more, got ${threshold}.`);
  }
  const [values, corners] = [masks.dataSync<'float32'>(), boxes.dataSync<'float32'>()];
  return Array.from({length: boxes.shape[0]}, (_, k) => {
    const mask = values.subarray(k * side * side, (k + 1) * side * side);
    const box = pastedBox(corners.subarray(4 * k, 4 * k + 4), side);
    const rows = segments(pastedTaps(box.top, box.bottom, side, height));
    const runs = new Runs(height);
    for (const columnTap of pastedTaps(box.left, box.right, side, width)) {
      const column = blendedColumn(mask, side, columnTap);
      for (const segment of rows) addSegment(runs, column, columnTap.pixel, segment, Math.fround(threshold));
    }
    return {height, width, counts: runs.finish(width)};
  });
}

function checkPaste(
  name: string,
  masks: tf.Tensor3D,
  boxes: tf.Tensor2D,
  height: number,
  width: number,
): number {
  const {M} = checkShapes(name, {masks: [masks, 'K M M'], boxes: [boxes, 'K 4']});
  for (const [which, size] of Object.entries({height, width})) {
    if (!(Number.isInteger(size) && size >= 1)) {
      throw new RangeError(`${name}: ${which} must be a whole number of pixels, got ${size}.`);
    }
  }
  return M;
}

/** Rows of pixels that blend the same two cells, one after another. */
function segments(rows: readonly Tap[]): Tap[][] {
  const groups: Tap[][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    if (group && group[0].low === row.low && group[0].high === row.high) group.push(row);
    else groups.push([row]);
  }
  return groups;
}

/** Nearer than this to the threshold, rounding decides, and each pixel is asked. */
const MARGIN = 1e-5;

function addSegment(
  runs: Runs,
  column: Float32Array,
  x: number,
  rows: readonly Tap[],
  threshold: number,
): void {
  const [{low, high, pixel: first}, last] = [rows[0], rows[rows.length - 1].pixel];
  const [a, b] = [column[low], column[high]];
  if (Math.max(a, b) < threshold - MARGIN) return;
  if (Math.min(a, b) > threshold + MARGIN) {
    runs.set(x, first, last);
    return;
  }
  for (const {pixel, fraction} of rows) {
    if (blend(a, b, fraction) > threshold) runs.set(x, pixel, pixel);
  }
}

/** Collects runs of set pixels down the columns, from left to right. */
class Runs {
  private readonly height: number;
  private readonly counts: number[] = [];
  /** Where the last run of set pixels began and ended. */
  private begin = 0;
  private end = 0;
  private written = 0;

  constructor(height: number) {
    this.height = height;
  }

  /** Sets column x from `first` to `last`. */
  set(x: number, first: number, last: number): void {
    const begin = x * this.height + first;
    if (begin !== this.end) {
      this.write();
      this.begin = begin;
    }
    this.end = x * this.height + last + 1;
  }

  finish(width: number): Uint32Array {
    this.write();
    const rest = this.height * width - this.written;
    if (rest > 0 || this.counts.length === 0) this.counts.push(rest);
    return Uint32Array.from(this.counts);
  }

  private write(): void {
    if (this.end === this.begin) return;
    this.counts.push(this.begin - this.written, this.end - this.begin);
    this.written = this.end;
  }
}
