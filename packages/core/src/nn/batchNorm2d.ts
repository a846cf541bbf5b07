// Ioffe & Szegedy, "Batch Normalization", ICML 2015, arXiv:1502.03167, algorithms 1 and 2.
import * as tf from '@tensorflow/tfjs-core';
import {batchNorm} from '../ops/batchNorm.js';
import {batchNormTrain} from '../ops/batchNormTrain.js';
import type {ConvolutionEnd} from './conv2d.js';
import type {EndsConvolution} from './convolutionEnds.js';
import {Module} from './module.js';
import {checkIntegers} from './pair.js';
import {buffer, parameter} from './parameter.js';
import {untaped} from './untaped.js';

export interface BatchNormModuleOptions {
  /** Added to the variance before the root. @defaultValue 1e-5 */
  epsilon?: number;
  /** Weight of a new batch in the running statistics, PyTorch's way (Keras: 1 − momentum). @defaultValue 0.1 */
  momentum?: number;
}

export interface NormForwardOptions {
  /** Applies a ReLU to the result in the same pass. @defaultValue false */
  relu?: boolean;
}

/**
 * Normalises each channel, then scales by `weight` and shifts by `bias`, both `[channels]`. In training it uses the
 * mean and variance of the batch and moves `running_mean` and `running_var` (unbiased) towards them; in evaluation,
 * and when frozen, it uses those.
 */
abstract class BatchNorm extends Module {
  readonly weight: tf.Variable<tf.Rank.R1>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly running_mean: tf.Variable<tf.Rank.R1>;
  readonly running_var: tf.Variable<tf.Rank.R1>;
  readonly epsilon: number;
  readonly momentum: number;

  constructor(channels: number, {epsilon = 1e-5, momentum = 0.1}: BatchNormModuleOptions = {}) {
    super();
    checkIntegers(new.target.name, {channels}, 1);
    this.weight = parameter(tf.ones<tf.Rank.R1>([channels]));
    this.bias = parameter(tf.zeros<tf.Rank.R1>([channels]));
    this.running_mean = buffer(tf.zeros<tf.Rank.R1>([channels]));
    this.running_var = buffer(tf.ones<tf.Rank.R1>([channels]));
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  protected normalize<T extends tf.Tensor>(x: T, {relu = false}: NormForwardOptions): T {
    const {weight, bias, running_mean, running_var, epsilon} = this;
    if (!this.training || this.frozen) {
      return batchNorm(x, weight, bias, running_mean, running_var, {epsilon, relu});
    }
    const count = x.size / weight.size;
    if (count === 1) {
      throw new RangeError(
        `${this.constructor.name}: one value a channel has no variance, got shape [${x.shape}] in training. ` +
          'Train with more images a batch, or call eval() or freeze().',
      );
    }
    const {y, mean, variance} = batchNormTrain(x, weight, bias, {epsilon, relu});
    this.#track(mean, variance, count / (count - 1));
    return y;
  }

  #track(mean: tf.Tensor1D, variance: tf.Tensor1D, unbias: number): void {
    const {running_mean, running_var, momentum} = this;
    untaped(() => {
      running_mean.assign(tf.add(tf.mul(running_mean, 1 - momentum), tf.mul(mean, momentum)));
      running_var.assign(tf.add(tf.mul(running_var, 1 - momentum), tf.mul(variance, momentum * unbias)));
    });
    mean.dispose();
    variance.dispose();
  }
}

/** Batch norm of images, and what follows it in the same pass. */
export class BatchNorm2d extends BatchNorm implements EndsConvolution {
  /** @param x - `[N, H, W, channels]` float32. @returns The same shape. @throws RangeError if there is one value a channel. */
  forward(x: tf.Tensor4D, options: NormForwardOptions = {}): tf.Tensor4D {
    return this.normalize(x, options);
  }

  convolutionEnd(): ConvolutionEnd | null {
    if (this.training && !this.frozen) return null;
    const {weight: gamma, bias: beta, running_mean: mean, running_var: variance, epsilon} = this;
    return {norm: {gamma, beta, mean, variance, epsilon}};
  }
}

/** Batch norm of vectors. */
export class BatchNorm1d extends BatchNorm {
  /** @param x - `[N, channels]` float32. @returns The same shape. @throws RangeError if N is 1 in training. */
  forward(x: tf.Tensor2D, options: NormForwardOptions = {}): tf.Tensor2D {
    return this.normalize(x, options);
  }
}
