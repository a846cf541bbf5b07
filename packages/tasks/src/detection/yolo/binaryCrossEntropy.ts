import * as tf from '@tensorflow/tfjs-core';

/**
 * `−t·log σ(x) − (1 − t)·log(1 − σ(x))` of each value, stable for any x; its gradient is `σ(x) − t`, darknet's delta.
 * Differentiable in `logits`.
 *
 * @param logits - Any shape, float32.
 * @param targets - The same shape, in [0, 1].
 */
export function binaryCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sub(tf.softplus(logits), tf.mul(logits, targets)));
}
