import * as tf from '@tensorflow/tfjs-core';

/** The norm of all gradients together, float32; the caller owns it. Frozen variables have none. */
export function gradientNorm(grads: tf.NamedTensorMap): tf.Scalar {
  return tf.tidy(() => {
    const given = Object.values(grads).filter((grad: tf.Tensor | null) => grad !== null);
    return tf.sqrt(tf.addN(given.map(grad => tf.sum(tf.square(grad))))) as tf.Scalar;
  });
}
