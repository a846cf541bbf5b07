// Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
// arXiv:1211.5063, algorithm 1.
import * as tf from '@tensorflow/tfjs-core';
import {checkRates} from './checkRates.js';

/**
 * Scales all gradients by one factor so that their common norm is at most `maxNorm`; nothing is read back from the
 * device. The gradients given are not disposed.
 *
 * @param grads - By variable name, as tf.variableGrads gives them, float32.
 * @param maxNorm - Above 0.
 * @returns `grads`: the scaled ones, the caller's to dispose; `norm`: a float32 scalar, the norm before.
 * @throws RangeError if `maxNorm` is negative or no number.
 */
export function clipGradNorm(
  grads: tf.NamedTensorMap,
  maxNorm: number,
): {grads: tf.NamedTensorMap; norm: tf.Scalar} {
  checkRates('clipGradNorm', {maxNorm});
  return tf.tidy(() => {
    const squares = given(grads).map(([, grad]) => tf.sum(tf.square(grad)) as tf.Scalar);
    const norm = squares.length ? tf.sqrt(tf.addN(squares)) : tf.scalar(0);
    const factor = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    return {
      grads: Object.fromEntries(given(grads).map(([name, grad]) => [name, tf.mul(grad, factor)])),
      norm,
    };
  });
}

/**
 * Limits each value of each gradient to `[−maxValue, maxValue]`. The gradients given are not disposed.
 *
 * @returns New gradients of the same names, the caller's to dispose.
 * @throws RangeError if `maxValue` is negative or no number.
 */
export function clipGradValue(grads: tf.NamedTensorMap, maxValue: number): tf.NamedTensorMap {
  checkRates('clipGradValue', {maxValue});
  return Object.fromEntries(
    given(grads).map(([name, grad]) => [name, tf.clipByValue(grad, -maxValue, maxValue)]),
  );
}

/** Without the frozen variables, for which tf.variableGrads has null under their names. */
function given(grads: tf.NamedTensorMap): [string, tf.Tensor][] {
  return Object.entries(grads).filter(([, grad]: [string, tf.Tensor | null]) => grad !== null);
}
