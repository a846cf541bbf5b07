import * as tf from '@tensorflow/tfjs-core';
import {batchNorm} from '../ops/batchNorm.js';
import {reluGradient} from '../ops/reluGradient.js';
import type {NormForwardOptions} from './batchNorm2d.js';
import type {ConvolutionEnd} from './conv2d.js';
import type {EndsConvolution} from './convolutionEnds.js';
import {Module} from './module.js';
import {checkIntegers} from './pair.js';
import {buffer} from './parameter.js';

/**
 * Batch norm whose scale, shift and statistics are buffers: constants of a pretrained backbone, under the names of
 * {@link BatchNorm2d}, as detectors with small batches use it.
 */
export class FrozenBatchNorm2d extends Module implements EndsConvolution {
  readonly weight: tf.Variable<tf.Rank.R1>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly running_mean: tf.Variable<tf.Rank.R1>;
  readonly running_var: tf.Variable<tf.Rank.R1>;
  readonly epsilon: number;

  /** @param options - `epsilon`, added to the variance. @defaultValue 1e-5 */
  constructor(channels: number, {epsilon = 1e-5}: {epsilon?: number} = {}) {
    super();
    checkIntegers('FrozenBatchNorm2d', {channels}, 1);
    this.weight = buffer(tf.ones<tf.Rank.R1>([channels]));
    this.bias = buffer(tf.zeros<tf.Rank.R1>([channels]));
    this.running_mean = buffer(tf.zeros<tf.Rank.R1>([channels]));
    this.running_var = buffer(tf.ones<tf.Rank.R1>([channels]));
    this.epsilon = epsilon;
  }

  /** @param x - `[N, H, W, channels]` float32. @returns The same shape. */
  forward(x: tf.Tensor4D, {relu = false}: NormForwardOptions = {}): tf.Tensor4D {
    const {weight, bias, running_mean, running_var, epsilon} = this;
    const forward = tf.customGrad((input, save) => {
      const y = batchNorm(input as tf.Tensor4D, weight, bias, running_mean, running_var, {epsilon, relu});
      // What the next layer keeps anyway says where the ReLU was open; x is not needed.
      (save as tf.GradSaveFunc)(relu ? [y] : []);
      const gradFunc = (dy: tf.Tensor, [y]: tf.Tensor[]) => {
        const open = y ? reluGradient(dy, y) : dy;
        return tf.mul(open, tf.mul(weight, tf.rsqrt(tf.add(running_var, epsilon))));
      };
      return {value: y, gradFunc};
    });
    return forward(x) as tf.Tensor4D;
  }

  convolutionEnd(): ConvolutionEnd {
    const {weight: gamma, bias: beta, running_mean: mean, running_var: variance, epsilon} = this;
    return {norm: {gamma, beta, mean, variance, epsilon}};
  }
}
