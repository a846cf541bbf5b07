// Weston & Watkins, "Multi-class Support Vector Machines", 1998, in the form of a sum over the other classes.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

/**
 * The multiclass SVM's loss, `Σ max(0, s_j − s_y + margin)` over all classes j but the right one y, and the mean of
 * that over the examples (PyTorch's multi_margin_loss divides it by C). Differentiable in `scores`.
 *
 * @param scores - `[M, C]` float32.
 * @param labels - `[M]` int32 in `[0, C)`.
 * @param options - `margin`. @defaultValue 1
 * @returns A float32 scalar.
 * @throws TypeError if a shape is wrong.
 */
export function hingeLoss(
  scores: tf.Tensor2D,
  labels: tf.Tensor1D,
  {margin = 1}: {margin?: number} = {},
): tf.Scalar {
  const {C} = checkShapes('hingeLoss', {scores: [scores, 'M C'], labels: [labels, 'M', 'int32']});
  return tf.tidy(() => {
    // Cast after: WebAssembly's one-hot writes integers whatever the dtype.
    const right = tf.cast(tf.oneHot(labels, C), 'float32');
    const rightScore = tf.sum(tf.mul(scores, right), 1, true);
    const margins = tf.relu(tf.add(tf.sub(scores, rightScore), margin));
    const others = tf.mul(margins, tf.sub(1, right));
    return tf.mean(tf.sum(others, 1));
  });
}
