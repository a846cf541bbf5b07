import {ciouLoss, diouLoss, giouLoss} from '@foveal/core';
import type {BoxLoss} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/**
 * One minus the overlap of each pair of boxes, by the definition that a `[yolo]` section names. Differentiable in both.
 *
 * @param a - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param b - `[K, 4]` float32, in the same unit.
 * @returns `[K]` float32: in [0, 1] for `iou`, up to 2 for the others and a little more for `ciou`.
 */
export function boxOverlapLoss(a: tf.Tensor2D, b: tf.Tensor2D, kind: Exclude<BoxLoss, 'mse'>): tf.Tensor1D {
  return losses[kind](a, b);
}

const losses = {
  iou: iouLoss,
  giou: (a: tf.Tensor2D, b: tf.Tensor2D) => giouLoss(a, b, {reduction: 'none'}),
  diou: (a: tf.Tensor2D, b: tf.Tensor2D) => diouLoss(a, b, {reduction: 'none'}),
  ciou: (a: tf.Tensor2D, b: tf.Tensor2D) => ciouLoss(a, b, {reduction: 'none'}),
};

/** Boxes that are apart get no gradient from it: what the others are for. */
function iouLoss(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => {
    const [aLow, aHigh] = tf.split(a, 2, 1);
    const [bLow, bHigh] = tf.split(b, 2, 1);
    const area = (low: tf.Tensor, high: tf.Tensor) => {
      const [width, height] = tf.split(tf.relu(tf.sub(high, low)), 2, 1);
      return tf.reshape(tf.mul(width, height), [-1]);
    };
    const both = area(tf.maximum(aLow, bLow), tf.minimum(aHigh, bHigh));
    const union = tf.sub(tf.add(area(aLow, aHigh), area(bLow, bHigh)), both);
    return tf.sub(1, tf.div(both, tf.add(union, 1e-7))) as tf.Tensor1D;
  });
}
