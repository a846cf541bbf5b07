import * as tf from '@tensorflow/tfjs-core';
import {BatchNormEval, type BatchNormEvalAttrs} from '../../ops/batchNorm.js';
import {portableKernel} from './portableKernel.js';

type Inputs = Record<'x' | 'gamma' | 'beta' | 'mean' | 'variance', tf.Tensor>;

export const batchNormEval = portableKernel<Inputs, BatchNormEvalAttrs>(
  BatchNormEval,
  ({x, gamma, beta, mean, variance}, {epsilon, relu}) =>
    tf.tidy(() => {
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
      const shift = tf.sub(beta, tf.mul(mean, scale));
      const y = tf.add(tf.mul(x, scale), shift);
      return relu ? tf.relu(y) : y;
    }),
);
