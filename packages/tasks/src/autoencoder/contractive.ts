// Rifai et al., "Contractive Auto-Encoders: Explicit Invariance During Feature Extraction", ICML 2011, equations 4 to 7.
import * as tf from '@tensorflow/tfjs-core';

/** The slope of each activation, from what comes out of it. */
const slopes = {
  sigmoid: (h: tf.Tensor2D) => tf.mul(h, tf.sub(1, h)),
  tanh: (h: tf.Tensor2D) => tf.sub(1, tf.square(h)),
  relu: (h: tf.Tensor2D) => tf.step(h),
  linear: (h: tf.Tensor2D) => tf.onesLike(h),
} as const;

/**
 * How much codes of one layer `h = s(W x + b)` change with their images: the mean over the batch of the squared
 * Frobenius norm of the Jacobian, `Σⱼ s′(aⱼ)² Σᵢ Wⱼᵢ²`. Differentiable in both.
 *
 * @param codes - `[N, units]` float32: h.
 * @param weight - `[units, inputs]` float32: W.
 * @param activation - s.
 * @returns A scalar.
 */
export function contraction(
  codes: tf.Tensor2D,
  weight: tf.Tensor2D,
  activation: keyof typeof slopes,
): tf.Scalar {
  return tf.tidy(() => {
    const lengths = tf.sum(tf.square(weight), 1);
    return tf.mean(tf.sum(tf.mul(tf.square(slopes[activation](codes)), lengths), 1));
  });
}
