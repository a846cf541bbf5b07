import {ciouLoss, diouLoss, giouLoss, iouLoss} from '@foveal/core';
import type {BoxLoss} from '@foveal/models';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * One minus the overlap of each pair of boxes, by the definition that a `[yolo]` section names. Differentiable in both.
 *
 * @param a - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param b - `[K, 4]` float32, in the same unit.
 * @returns `[K]` float32: in [0, 1] for `iou`, up to 2 for the others and a little more for `ciou`.
 */
export function boxOverlapLoss(a: tf.Tensor2D, b: tf.Tensor2D, kind: Exclude<BoxLoss, 'mse'>): tf.Tensor1D {
  return losses[kind](a, b, {reduction: 'none'});
}

const losses = {iou: iouLoss, giou: giouLoss, diou: diouLoss, ciou: ciouLoss};
