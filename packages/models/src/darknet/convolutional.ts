import {
  BatchNorm2d,
  Conv2d,
  type ConvolutionEnd,
  defaultRandom,
  init,
  Module,
  type Random,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {activate} from './activate.js';
import type {Activation, ConvolutionalLayer} from './darknetLayer.js';

/**
 * Added to the variance before the root, as OpenCV reads these networks. (Darknet's releases differ: the CPU adds 1e-6
 * to the root, CUDA 1e-5 to the variance.)
 */
export const batchNormEpsilon = 1e-6;

export interface PartOptions {
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
  /** Weight of a new batch in the running statistics of batch norm. @defaultValue 0.01, darknet's */
  momentum?: number;
}

/** A convolution, its batch norm where it has one (in place of a bias), and its activation. */
export class Convolutional extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d | null;
  readonly activation: Activation;

  constructor(
    inputs: number,
    layer: Omit<ConvolutionalLayer, 'type' | 'line'>,
    {random = defaultRandom(), momentum = 0.01}: PartOptions = {},
  ) {
    super();
    const {filters, size, stride, padding, dilation, groups, batchNormalize, activation} = layer;
    this.conv = new Conv2d(inputs, filters, {
      kernelSize: size,
      stride,
      padding,
      dilation,
      groups,
      bias: !batchNormalize,
      init: init.kaimingNormal(),
      random,
    });
    this.bn = batchNormalize ? new BatchNorm2d(filters, {epsilon: batchNormEpsilon, momentum}) : null;
    this.activation = activation;
    if (this.conv.bias) tf.tidy(() => this.conv.bias?.assign(tf.zeros([filters])));
  }

  /** @param x - `[N, H, W, inputs]` float32. @returns `[N, H', W', filters]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const {conv, bn, activation} = this;
    // A summary lists the norm, too.
    if (bn && ((bn.training && !bn.frozen) || Object.hasOwn(bn, 'forward'))) return this.#learn(bn, x);
    return conv.forward(x, this.#end(activation));
  }

  /**
   * For prediction: what a shortcut with this activation makes of the output and another map, in the same pass.
   *
   * @param x - `[N, H, W, inputs]` float32.
   * @param other - `[N, H', W', filters]` float32.
   */
  plus(x: tf.Tensor4D, other: tf.Tensor4D, activation: Activation): tf.Tensor4D {
    return this.conv.forward(x, {...this.#end(activation), residual: other});
  }

  #end(activation: Activation): ConvolutionEnd {
    const {bn} = this;
    return {
      norm: bn && {
        gamma: bn.weight,
        beta: bn.bias,
        mean: bn.running_mean,
        variance: bn.running_var,
        epsilon: bn.epsilon,
      },
      activation: activation === 'logistic' ? 'sigmoid' : activation,
    };
  }

  #learn(bn: BatchNorm2d, x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      if (this.activation === 'relu') return bn.forward(this.conv.forward(x), {relu: true});
      const normed = bn.forward(this.conv.forward(x));
      return this.activation === 'linear' ? normed : activate(normed, this.activation);
    });
  }
}
