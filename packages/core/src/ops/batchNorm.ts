// Batch normalization: Ioffe & Szegedy, ICML 2015, arXiv:1502.03167, algorithm 2, step 11: the inference form.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';
import type {BatchNormOptions} from './batchNormTrain.js';
import {reluGradient} from './reluGradient.js';

export const BatchNormEval = 'BatchNormEval';
export type BatchNormEvalAttrs = Required<BatchNormOptions>;

/**
 * Normalises each channel by statistics that are given: a scale and a shift.
 *
 * Differentiable in `x`, `gamma`, `beta`, `mean` and `variance`.
 *
 * @param x - `[..., C]` float32.
 * @param gamma - `[C]` float32, the scale.
 * @param beta - `[C]` float32, the shift.
 * @param mean - `[C]` float32, usually a running average.
 * @param variance - `[C]` float32, 0 or more.
 * @returns Like `x`.
 * @throws TypeError if a shape is wrong.
 */
export function batchNorm<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  {epsilon = 1e-5, relu = false}: BatchNormOptions = {},
): T {
  checkShapes('batchNorm', {
    x: [x, '... C'],
    gamma: [gamma, 'C'],
    beta: [beta, 'C'],
    mean: [mean, 'C'],
    variance: [variance, 'C'],
  });
  const attrs = {epsilon, relu} satisfies BatchNormEvalAttrs;
  return tf.engine().runKernel(BatchNormEval, {x, gamma, beta, mean, variance}, attrs) as T;
}

export const batchNormGradient: tf.GradConfig = {
  kernelName: BatchNormEval,
  inputsToSave: ['x', 'gamma', 'beta', 'mean', 'variance'],
  gradFunc(dy, [x, gamma, beta, mean, variance], attrs) {
    const {epsilon, relu} = attrs as BatchNormEvalAttrs;
    const perChannel = (t: tf.Tensor) => tf.sum(t, [...Array(t.rank - 1).keys()]);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const centred = () => tf.sub(x, mean);
    const upstream = relu
      ? tf.tidy(() => {
          const y = tf.add(tf.mul(centred(), tf.mul(inverse, gamma)), beta);
          return reluGradient(dy as tf.Tensor, y);
        })
      : (dy as tf.Tensor);
    const dGamma = () => tf.mul(perChannel(tf.mul(upstream, centred())), inverse);
    return {
      x: () => tf.mul(upstream, tf.mul(gamma, inverse)),
      gamma: dGamma,
      beta: () => perChannel(upstream),
      mean: () => tf.neg(tf.mul(perChannel(upstream), tf.mul(gamma, inverse))),
      variance: () => tf.mul(dGamma(), tf.mul(tf.mul(gamma, -0.5), tf.square(inverse))),
    };
  },
};
