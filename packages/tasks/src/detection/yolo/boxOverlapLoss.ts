// Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019, arXiv:1902.09630, algorithm 1; Zheng et al.,
// "Distance-IoU Loss", AAAI 2020, arXiv:1911.08287, equations 7 and 10.
import {untaped} from '@foveal/core';
import type {BoxLoss} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/** Added to areas and lengths, so that empty boxes divide by something. */
const least = 1e-7;

/**
 * One minus the overlap of each pair of boxes, by one of its definitions. Differentiable in both.
 *
 * @param a - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param b - `[K, 4]` float32, in the same unit.
 * @returns `[K]` float32: in [0, 1] for `iou`, up to 2 for the others and a little more for `ciou`.
 */
export function boxOverlapLoss(a: tf.Tensor2D, b: tf.Tensor2D, kind: Exclude<BoxLoss, 'mse'>): tf.Tensor1D {
  return tf.tidy(() => {
    const [aLow, aHigh] = tf.split(a, 2, 1);
    const [bLow, bHigh] = tf.split(b, 2, 1);
    const area = (low: tf.Tensor, high: tf.Tensor) => product(tf.relu(tf.sub(high, low)));
    const both = area(tf.maximum(aLow, bLow), tf.minimum(aHigh, bHigh));
    const union = tf.add(tf.sub(tf.add(area(aLow, aHigh), area(bLow, bHigh)), both), least);
    const iou = tf.div(both, union);
    if (kind === 'iou') return tf.sub(1, iou) as tf.Tensor1D;

    const [low, high] = [tf.minimum(aLow, bLow), tf.maximum(aHigh, bHigh)];
    if (kind === 'giou') {
      const hull = tf.add(area(low, high), least);
      return tf.add(tf.sub(1, iou), tf.div(tf.sub(hull, union), hull)) as tf.Tensor1D;
    }
    const apart = tf.mul(tf.sub(tf.add(aLow, aHigh), tf.add(bLow, bHigh)), 0.5);
    const diagonal = tf.add(squares(tf.sub(high, low)), least);
    const diou = tf.add(tf.sub(1, iou), tf.div(squares(apart), diagonal));
    if (kind === 'diou') return diou as tf.Tensor1D;

    const shape = tf.mul(4 / Math.PI ** 2, tf.square(tf.sub(angle(bLow, bHigh), angle(aLow, aHigh))));
    // How much shapes count is no way to get better: a constant to the gradient.
    const weight = untaped(() => tf.div(shape, tf.add(tf.add(tf.sub(1, iou), shape), least)));
    return tf.add(diou, tf.mul(weight, shape)) as tf.Tensor1D;
  });
}

const columns = (sides: tf.Tensor) => tf.split(sides, 2, 1).map(side => tf.reshape(side, [-1]));

const product = (sides: tf.Tensor) => {
  const [width, height] = columns(sides);
  return tf.mul(width, height);
};

const squares = (sides: tf.Tensor) => tf.sum(tf.square(sides), 1);

/** The arc tangent of width by height. */
const angle = (low: tf.Tensor, high: tf.Tensor) => {
  const [width, height] = columns(tf.sub(high, low));
  return tf.atan(tf.div(width, tf.add(height, least)));
};
