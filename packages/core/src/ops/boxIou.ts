import * as tf from '@tensorflow/tfjs-core';
import {untaped} from '../nn/untaped.js';
import {checkShapes} from '../shapes.js';

export const BoxIou = 'BoxIou';

/**
 * The intersection over union of every pair of boxes, as torchvision's `box_iou`, but for two empty boxes 0 and not
 * NaN. For matching: overlaps are constants to the gradient. For a loss use `giouLoss` or its kin.
 *
 * @param a - `[M, 4]` float32, `[x1, y1, x2, y2]`.
 * @param b - `[N, 4]` float32, in the same unit.
 * @returns `[M, N]` float32 in [0, 1]; NaN where a coordinate is.
 * @throws TypeError if a shape is wrong.
 */
export function boxIou(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  checkShapes('boxIou', {a: [a, 'M 4'], b: [b, 'N 4']});
  return untaped(() => tf.engine().runKernel<tf.Tensor2D>(BoxIou, {a, b}));
}
