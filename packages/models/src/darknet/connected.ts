import {BatchNorm1d, defaultRandom, flatten, Linear, Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {activate} from './activate.js';
import {batchNormEpsilon, type PartOptions} from './convolutional.js';
import type {Activation, ConnectedLayer} from './darknetLayer.js';

/** A fully connected layer over the whole map, its batch norm where it has one, and its activation. */
export class Connected extends Module {
  readonly linear: Linear;
  readonly bn: BatchNorm1d | null;
  readonly activation: Activation;

  /** @param inputs - Height times width times channels of what comes in. */
  constructor(
    inputs: number,
    {output, batchNormalize, activation}: Omit<ConnectedLayer, 'type' | 'line'>,
    {random = defaultRandom(), momentum = 0.01}: PartOptions = {},
  ) {
    super();
    this.linear = new Linear(inputs, output, {bias: !batchNormalize, random});
    this.bn = batchNormalize ? new BatchNorm1d(output, {epsilon: batchNormEpsilon, momentum}) : null;
    this.activation = activation;
  }

  /** @param x - `[N, H, W, C]` float32. @returns `[N, 1, 1, output]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const y = this.linear.forward(flatten(x));
      const normed = this.bn ? this.bn.forward(y) : y;
      return tf.reshape(activate(normed, this.activation), [x.shape[0], 1, 1, -1]);
    });
  }
}
