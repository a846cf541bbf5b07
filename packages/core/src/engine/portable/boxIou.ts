import * as tf from '@tensorflow/tfjs-core';
import {BoxIou} from '../../ops/boxIou.js';
import {portableKernel} from './portableKernel.js';

export const boxIou = portableKernel<Record<'a' | 'b', tf.Tensor2D>, object>(BoxIou, ({a, b}) => {
  const [rows, columns] = [a.shape[0], b.shape[0]];
  const [first, second] = [areas(a.dataSync<'float32'>()), areas(b.dataSync<'float32'>())];
  const overlaps = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) overlaps[i * columns + j] = intersectionOverUnion(first, i, second, j);
  }
  return tf.tensor2d(overlaps, [rows, columns]);
});

/** Corners of boxes, and the area of each. */
export interface BoxesWithAreas {
  corners: Float32Array;
  areas: Float32Array;
}

export function areas(corners: Float32Array): BoxesWithAreas {
  const values = new Float32Array(corners.length / 4);
  for (let i = 0, at = 0; i < values.length; i++, at += 4) {
    values[i] = Math.fround(corners[at + 2] - corners[at]) * Math.fround(corners[at + 3] - corners[at + 1]);
  }
  return {corners, areas: values};
}

/** In float32 throughout, as the native kernels: rounding decides which side of a threshold a pair falls on. */
export function intersectionOverUnion(a: BoxesWithAreas, i: number, b: BoxesWithAreas, j: number): number {
  const {fround, max, min} = Math;
  const [p, q, from, to] = [a.corners, b.corners, 4 * i, 4 * j];
  const width = fround(max(min(p[from + 2], q[to + 2]) - max(p[from], q[to]), 0));
  const height = fround(max(min(p[from + 3], q[to + 3]) - max(p[from + 1], q[to + 1]), 0));
  const shared = fround(width * height);
  const union = fround(fround(a.areas[i] + b.areas[j]) - shared);
  return union === 0 ? 0 : fround(shared / union);
}

/** Whether two boxes share nothing: most pairs do not, and this is soon found. */
export function areApart({corners}: BoxesWithAreas, i: number, j: number): boolean {
  const [from, to] = [4 * i, 4 * j];
  return (
    corners[from + 2] <= corners[to] ||
    corners[to + 2] <= corners[from] ||
    corners[from + 3] <= corners[to + 1] ||
    corners[to + 3] <= corners[from + 1]
  );
}
