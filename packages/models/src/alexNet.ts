// AlexNet: Krizhevsky, Sutskever & Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012,
// section 3; and the one-tower form: Krizhevsky, "One weird trick", 2014, arXiv:1404.5997, which torchvision has.
import {
  AdaptiveAvgPool2d,
  Conv2d,
  type Conv2dModuleOptions,
  Dropout,
  defaultRandom,
  flatten,
  Linear,
  LocalResponseNorm,
  MaxPool2d,
  Module,
  type Random,
  Relu,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';

export interface AlexNetOptions {
  /** @defaultValue 1000 */
  numClasses?: number;
  /** @defaultValue 0.5 */
  dropout?: number;
  /** Units of the two hidden fully connected layers. @defaultValue 4096 */
  hidden?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** A convolution with its ReLU, and what follows: response normalisation, 3×3 max-pooling in steps of 2. */
interface Stage extends Pick<Conv2dModuleOptions, 'kernelSize' | 'stride' | 'padding' | 'groups'> {
  filters: number;
  norm?: boolean;
  pool?: boolean;
}

// biome-ignore format: a table like the papers'
export const alexNetConfigs = {
  'oneTower': [
    {filters: 64,  kernelSize: 11, stride: 4, padding: 2, pool: true},
    {filters: 192, kernelSize: 5, padding: 2, pool: true},
    {filters: 384, kernelSize: 3, padding: 1},
    {filters: 256, kernelSize: 3, padding: 1},
    {filters: 256, kernelSize: 3, padding: 1, pool: true},
  ],
  // Two towers are convolutions in two groups, where the towers do not look at each other.
  'paper': [
    {filters: 96,  kernelSize: 11, stride: 4, norm: true, pool: true},
    {filters: 256, kernelSize: 5, padding: 2, groups: 2, norm: true, pool: true},
    {filters: 384, kernelSize: 3, padding: 1},
    {filters: 384, kernelSize: 3, padding: 1, groups: 2},
    {filters: 256, kernelSize: 3, padding: 1, groups: 2, pool: true},
  ],
} satisfies Record<string, readonly Stage[]>;
export type AlexNetConfig = keyof typeof alexNetConfigs;

/**
 * The response normalisation of section 3.3. Deviation: the paper sums the squares over 5 channels, PyTorch takes
 * their mean, so α = 1e-4 is 5e-4 here.
 */
export const responseNorm = () => new LocalResponseNorm({size: 5, alpha: 5e-4, beta: 0.75, k: 2});

/** Either form. Parameter names are torchvision's: `features.0.weight` … `classifier.6.bias`. */
export class AlexNet extends Module implements Backbone {
  readonly features = new Sequential();
  readonly avgpool = new AdaptiveAvgPool2d(6);
  readonly classifier: Sequential;
  /** What each pooling sees. */
  readonly featureMaps: FeatureMap[] = [];

  constructor(
    config: AlexNetConfig,
    {numClasses = 1000, dropout = 0.5, hidden = 4096, random = defaultRandom()}: AlexNetOptions = {},
  ) {
    super();
    let [channels, stride] = [3, 4];
    const stages: readonly Stage[] = alexNetConfigs[config];
    for (const {filters, norm, pool, ...options} of stages) {
      this.features.push(new Conv2d(channels, filters, {...options, random}), new Relu());
      channels = filters;
      if (norm) this.features.push(responseNorm());
      if (!pool) continue;
      this.featureMaps.push({layer: `features.${this.features.length - 1}`, channels, stride});
      this.features.push(new MaxPool2d({kernelSize: 3, stride: 2}));
      stride *= 2;
    }
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Linear(channels * 36, hidden, {random}),
      new Relu(),
      new Dropout(dropout),
      new Linear(hidden, hidden, {random}),
      new Relu(),
      new Linear(hidden, numClasses, {random}),
    );
  }

  /** @param image - `[N, H, W, 3]` float32, normalised; 63 pixels at least. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const features = this.features.forward(image) as tf.Tensor4D;
      return this.classifier.forward(flatten(this.avgpool.forward(features))) as tf.Tensor2D;
    });
  }
}

export const alexNet = (options?: AlexNetOptions) => new AlexNet('oneTower', options);
export const alexNetPaper = (options?: AlexNetOptions) => new AlexNet('paper', options);
