// Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, 2014, section 5.1.
import * as tf from '@tensorflow/tfjs-core';

/**
 * Shortens what comes into each unit to a length, if it is longer, in place and as `torch.renorm` does: rows of a
 * matrix `[outputs, inputs]`, filters `[..., outputs]` of a convolution. Vectors, such as biases, stay as they are.
 * Not differentiable.
 *
 * @param weight - Float32.
 * @param limit - The largest L2 norm; the paper takes 3 to 4.
 */
export function maxNorm(weight: tf.Variable, limit: number): void {
  if (weight.rank < 2) return;
  const outputs = weight.rank === 2 ? 0 : weight.rank - 1;
  const others = weight.shape.map((_, axis) => axis).filter(axis => axis !== outputs);
  tf.tidy(() => {
    const norms = tf.sqrt(tf.sum(tf.square(weight), others, true));
    const factors = tf.where(
      tf.greater(norms, limit),
      tf.div(limit, tf.add(norms, 1e-7)),
      tf.onesLike(norms),
    );
    weight.assign(tf.mul(weight, factors));
  });
}
