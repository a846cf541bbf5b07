import {Conv2d, convNorm, init, Module, type Random} from '@foveal/core';
import {BatchNormRelu2d} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

export interface DoubleConvOptions {
  /** 1 keeps the size, 0 takes two pixels off each side. */
  padding: 0 | 1;
  batchNorm: boolean;
  random: Random;
}

/** Two 3×3 convolutions, each rectified: one level of a U-Net. */
export class DoubleConv extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNormRelu2d | null;
  readonly conv2: Conv2d;
  readonly bn2: BatchNormRelu2d | null;

  constructor(inputs: number, outputs: number, {padding, batchNorm, random}: DoubleConvOptions) {
    super();
    // Standard deviation √(2 / N), N the inputs of one neuron (arXiv:1505.04597, section 3).
    const filters = {kernelSize: 3, padding, bias: !batchNorm, init: init.kaimingNormal(), random};
    this.conv1 = new Conv2d(inputs, outputs, filters);
    this.bn1 = batchNorm ? new BatchNormRelu2d(outputs) : null;
    this.conv2 = new Conv2d(outputs, outputs, filters);
    this.bn2 = batchNorm ? new BatchNormRelu2d(outputs) : null;
  }

  /** @param x - `[N, H, W, inputs]` float32. @returns `[N, H', W', outputs]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const y = rectified(this.conv1, this.bn1, x);
      return rectified(this.conv2, this.bn2, y);
    });
  }
}

const rectified = (conv: Conv2d, norm: BatchNormRelu2d | null, x: tf.Tensor4D) =>
  norm ? convNorm(conv, norm, x, {relu: true}) : conv.forward(x, {activation: 'relu'});
