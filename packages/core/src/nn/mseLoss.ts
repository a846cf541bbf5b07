import * as tf from '@tensorflow/tfjs-core';

/**
 * The mean squared difference, `mean((prediction − target)²)`. Differentiable in both.
 *
 * @param prediction - Any shape, float32.
 * @param target - The same shape: a loss over broadcast values is hardly ever meant.
 * @returns A float32 scalar.
 * @throws TypeError if the shapes differ.
 */
export function mseLoss(prediction: tf.Tensor, target: tf.Tensor): tf.Scalar {
  if (String(prediction.shape) !== String(target.shape)) {
    throw new TypeError(
      `mseLoss: the shapes must be equal, got [${prediction.shape}] and [${target.shape}].`,
    );
  }
  return tf.tidy(() => tf.mean(tf.squaredDifference(prediction, target)));
}
