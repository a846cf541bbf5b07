// Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, 2014, sections 4, 6.1.
import {
  Dropout,
  defaultRandom,
  flatten,
  init,
  type Layer,
  Linear,
  Module,
  type Random,
  Relu,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';

export interface DropoutNetworkOptions {
  /** @defaultValue 10 */
  numClasses?: number;
  /** `[height, width, channels]` of its images. @defaultValue `[28, 28, 1]` */
  inputShape?: readonly [height: number, width: number, channels: number];
  /** Units of each hidden layer. @defaultValue `[800, 800]` */
  hidden?: readonly number[];
  /** Share of the hidden units that are dropped for each image. @defaultValue 0.5 */
  dropout?: number;
  /** Share of the values of an image that are dropped. @defaultValue 0.2 */
  inputDropout?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * Hidden layers of rectified units, of which each image in training sees another half: as many networks as there are
 * subsets of units, which share their weights. Train it with `maxNorm: 3`, as the paper does.
 */
export class DropoutNetwork extends Module implements Backbone {
  readonly layers: Sequential;
  readonly featureMaps: readonly FeatureMap[] = [];

  constructor({
    numClasses = 10,
    inputShape = [28, 28, 1],
    hidden = [800, 800],
    dropout = 0.5,
    inputDropout = 0.2,
    random = defaultRandom(),
  }: DropoutNetworkOptions = {}) {
    super();
    const sizes = [tf.util.sizeFromShape([...inputShape]), ...hidden];
    const start = {init: init.kaimingNormal(), random};
    this.layers = new Sequential(new Dropout(inputDropout, {random}));
    for (const [i, units] of hidden.entries()) {
      this.layers.push(
        new Linear(sizes[i], units, start) as Layer,
        new Relu(),
        new Dropout(dropout, {random}),
      );
    }
    this.layers.push(new Linear(sizes[hidden.length], numClasses, start) as Layer);
  }

  /** @param image - `[N, H, W, C]` float32. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => this.layers.forward(flatten(image)) as tf.Tensor2D);
  }
}

export const dropoutNetwork = (options?: DropoutNetworkOptions) => new DropoutNetwork(options);
