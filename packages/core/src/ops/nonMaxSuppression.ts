import * as tf from '@tensorflow/tfjs-core';
import {untaped} from '../nn/untaped.js';
import {checkShapes} from '../shapes.js';

export const NonMaxSuppression = 'NonMaxSuppression';
export type NonMaxSuppressionAttrs = NonMaxSuppressionOptions;

export interface NonMaxSuppressionOptions {
  /** A box goes where its intersection over union with a better one is above this, in [0, 1]. */
  iouThreshold: number;
}

/**
 * Keeps each box that no better one overlaps: greedy non-maximum suppression with torchvision's choices.
 *
 * Equal scores keep their order. A box with NaN among its coordinates, or without area, overlaps nothing and stays;
 * a score that is NaN counts as the lowest. The indices are constants to the gradient. Waits for the device: how many
 * there are is part of the shape.
 *
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param scores - `[K]` float32.
 * @returns `[M]` int32 in `[0, K)`, M ≤ K: the boxes that stay, by falling score.
 * @throws TypeError if a shape is wrong; RangeError if the threshold is not in [0, 1].
 */
export function nonMaxSuppression(
  boxes: tf.Tensor2D,
  scores: tf.Tensor1D,
  {iouThreshold}: NonMaxSuppressionOptions,
): tf.Tensor1D {
  checkShapes('nonMaxSuppression', {boxes: [boxes, 'K 4'], scores: [scores, 'K']});
  return suppress('nonMaxSuppression', {boxes, scores}, iouThreshold);
}

/**
 * {@link nonMaxSuppression} within each category: boxes of different categories do not suppress each other.
 *
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param scores - `[K]` float32.
 * @param categories - `[K]` int32, any numbers: labels, or `image · categories + label` for a whole batch.
 * @returns `[M]` int32 in `[0, K)`, M ≤ K: the boxes of all categories that stay, by falling score.
 * @throws TypeError if a shape is wrong; RangeError if the threshold is not in [0, 1].
 */
export function batchedNms(
  boxes: tf.Tensor2D,
  scores: tf.Tensor1D,
  categories: tf.Tensor1D,
  {iouThreshold}: NonMaxSuppressionOptions,
): tf.Tensor1D {
  checkShapes('batchedNms', {
    boxes: [boxes, 'K 4'],
    scores: [scores, 'K'],
    categories: [categories, 'K', 'int32'],
  });
  return suppress('batchedNms', {boxes, scores, categories}, iouThreshold);
}

function suppress(name: string, inputs: tf.NamedTensorMap, iouThreshold: number): tf.Tensor1D {
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw new RangeError(`${name}: iouThreshold must be a number in [0, 1], got ${iouThreshold}.`);
  }
  const attrs = {iouThreshold} satisfies NonMaxSuppressionAttrs;
  return untaped(() => tf.engine().runKernel<tf.Tensor1D>(NonMaxSuppression, inputs, attrs));
}
