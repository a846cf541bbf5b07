// To be replaced by the ops of core.
import * as tf from '@tensorflow/tfjs-core';

export function smoothL1Loss(
  x: tf.Tensor,
  y: tf.Tensor,
  {beta}: {beta: number; reduction: 'sum'},
): tf.Scalar {
  return tf.tidy(() => {
    const d = tf.abs(tf.sub(x, y));
    const near = tf.minimum(d, beta);
    return tf.sum(tf.add(tf.mul(tf.square(near), 0.5 / beta), tf.sub(d, near))) as tf.Scalar;
  });
}

export function sigmoidCrossEntropy(x: tf.Tensor, y: tf.Tensor, _: {reduction: 'mean'}): tf.Scalar {
  return tf.tidy(
    () => tf.mean(tf.add(tf.sub(tf.relu(x), tf.mul(x, y)), tf.log1p(tf.exp(tf.neg(tf.abs(x)))))) as tf.Scalar,
  );
}
