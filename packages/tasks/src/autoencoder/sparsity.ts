// Sparse codes: Ng, "Sparse autoencoder", CS294A lecture notes, 2011, section 3 (the KL form); Olshausen & Field,
// "Emergence of simple-cell receptive field properties", Nature 381, 1996 (the sum of absolute values).
import * as tf from '@tensorflow/tfjs-core';

/** How far means stay from 0 and 1, where the divergence is infinite. */
const edge = 1e-6;

/**
 * `Σ KL(ρ ‖ ρ̂ⱼ)` over the units j, where `ρ̂ⱼ` is a unit's mean over the batch and
 * `KL = ρ log(ρ / ρ̂) + (1 − ρ) log((1 − ρ) / (1 − ρ̂))`. Zero if each unit is active at the rate ρ. Differentiable in
 * `codes`.
 *
 * @param codes - `[N, units]` float32 in [0, 1], of sigmoid units.
 * @param target - ρ, in (0, 1); small, e.g. 0.05.
 * @returns A scalar.
 * @throws RangeError if ρ is out of range.
 */
export function klSparsity(codes: tf.Tensor2D, target: number): tf.Scalar {
  if (!(target > 0 && target < 1))
    throw new RangeError(`klSparsity: the target is a rate between 0 and 1, without both; got ${target}.`);
  return tf.tidy(() => {
    const rate = tf.clipByValue(tf.mean(codes, 0), edge, 1 - edge);
    const cross = tf.add(tf.mul(target, tf.log(rate)), tf.mul(1 - target, tf.log(tf.sub(1, rate))));
    const entropy = target * Math.log(target) + (1 - target) * Math.log(1 - target);
    return tf.sum(tf.sub(entropy, cross));
  });
}

/**
 * The mean over the images of the sum of absolute values of their codes. Differentiable in `codes`.
 *
 * @param codes - `[N, units]` float32.
 * @returns A scalar.
 */
export function l1Sparsity(codes: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.sum(tf.abs(codes), 1)));
}
