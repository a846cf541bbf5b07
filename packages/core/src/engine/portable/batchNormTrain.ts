import * as tf from '@tensorflow/tfjs-core';
import {BatchNormTrain, type BatchNormTrainAttrs, BatchNormTrainGrad} from '../../ops/batchNormTrain.js';
import {portableKernel} from './portableKernel.js';

type Inputs = Record<'x' | 'gamma' | 'beta', tf.Tensor>;
type GradInputs = Record<'dy' | 'x' | 'gamma' | 'beta' | 'mean' | 'variance', tf.Tensor>;

/** Of tfjs's ops, for engines whose tensors are not in this process's memory. */
export const batchNormTrain = portableKernel<Inputs, BatchNormTrainAttrs>(
  BatchNormTrain,
  ({x, gamma, beta}, {epsilon, relu}) =>
    tf.tidy(() => {
      const axes = allButLast(x);
      const mean = tf.mean(x, axes);
      const centred = tf.sub(x, mean);
      const variance = tf.mean(tf.square(centred), axes);
      const y = tf.add(tf.mul(centred, tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)))), beta);
      return [relu ? tf.relu(y) : y, mean, variance];
    }),
);

/** dx = γ/σ · (dy − mean(dy) − x̂ · mean(dy · x̂)), with dy zeroed where the ReLU clipped. */
export const batchNormTrainGrad = portableKernel<GradInputs, BatchNormTrainAttrs>(
  BatchNormTrainGrad,
  ({dy, x, gamma, beta, mean, variance}, {epsilon, relu}) =>
    tf.tidy(() => {
      const axes = allButLast(x);
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const normalised = tf.mul(tf.sub(x, mean), inverse);
      const upstream = relu ? tf.mul(dy, tf.step(tf.add(tf.mul(normalised, gamma), beta))) : dy;
      const dBeta = tf.sum(upstream, axes);
      const dGamma = tf.sum(tf.mul(upstream, normalised), axes);
      const count = x.size / gamma.size;
      const inner = tf.sub(tf.sub(upstream, tf.div(dBeta, count)), tf.mul(normalised, tf.div(dGamma, count)));
      return [tf.mul(inner, tf.mul(gamma, inverse)), dGamma, dBeta];
    }),
);

const allButLast = (x: tf.Tensor) => [...Array(x.rank - 1).keys()];
