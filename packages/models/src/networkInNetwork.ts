// Network in Network: Lin, Chen & Yan, ICLR 2014, arXiv:1312.4400, section 3; filters from the authors' Caffe models.
import {
  AvgPool2d,
  Conv2d,
  Dropout,
  defaultRandom,
  flatten,
  GlobalAvgPool2d,
  MaxPool2d,
  Module,
  type Random,
  Relu,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';

export interface NetworkInNetworkOptions {
  /** @defaultValue 10 for CIFAR, 1000 for ImageNet */
  numClasses?: number;
  /** @defaultValue 0.5 */
  dropout?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** An mlpconv layer: a convolution, then 1×1 convolutions, cascaded cross-channel pooling over each pixel. */
interface MlpConv {
  kernelSize: number;
  stride?: number;
  padding?: number;
  /** Filters of the convolution and of each 1×1 after it; 0 stands for the number of classes. */
  filters: readonly number[];
  /** What closes the layer; the last one is averaged over the whole image. */
  pool?: 'max' | 'avg';
  dropout?: boolean;
}

// biome-ignore format: a table like the authors'
export const networkInNetworkConfigs = {
  cifar: [
    {kernelSize: 5, padding: 2, filters: [192, 160, 96], pool: 'max', dropout: true},
    {kernelSize: 5, padding: 2, filters: [192, 192, 192], pool: 'avg', dropout: true},
    {kernelSize: 3, padding: 1, filters: [192, 192, 0]},
  ],
  imageNet: [
    {kernelSize: 11, stride: 4, filters: [96, 96, 96], pool: 'max'},
    {kernelSize: 5, padding: 2, filters: [256, 256, 256], pool: 'max'},
    {kernelSize: 3, padding: 1, filters: [384, 384, 384], pool: 'max', dropout: true},
    {kernelSize: 3, padding: 1, filters: [1024, 1024, 0]},
  ],
} satisfies Record<string, readonly MlpConv[]>;

/** Mlpconv layers with a global average in place of fully connected layers. */
export class NetworkInNetwork extends Module implements Backbone {
  readonly features = new Sequential();
  readonly avgpool = new GlobalAvgPool2d();
  readonly featureMaps: FeatureMap[] = [];

  constructor(
    layers: readonly MlpConv[],
    {numClasses = 10, dropout = 0.5, random = defaultRandom()}: NetworkInNetworkOptions,
  ) {
    super();
    let channels = 3;
    let stride = 1;
    for (const {kernelSize, stride: step = 1, padding = 0, filters, pool, dropout: drops} of layers) {
      stride *= step;
      filters.forEach((filter, i) => {
        const outputs = filter || numClasses;
        const window = i === 0 ? {kernelSize, stride: step, padding} : {kernelSize: 1};
        this.features.push(new Conv2d(channels, outputs, {...window, random}), new Relu());
        channels = outputs;
      });
      this.featureMaps.push({layer: `features.${this.features.length - 1}`, channels, stride});
      const window = {kernelSize: 3, stride: 2, ceilMode: true};
      if (pool) this.features.push(pool === 'max' ? new MaxPool2d(window) : new AvgPool2d(window));
      if (pool) stride *= 2;
      if (drops) this.features.push(new Dropout(dropout));
    }
  }

  /** @param image - `[N, H, W, 3]` float32, normalised. @returns `[N, numClasses]` scores, at least 0 as in the paper. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => flatten(this.avgpool.forward(this.features.forward(image) as tf.Tensor4D)));
  }
}

/** The CIFAR-10 network: 966,986 parameters, three mlpconv layers. */
export const networkInNetworkCifar = (options: NetworkInNetworkOptions = {}) =>
  new NetworkInNetwork(networkInNetworkConfigs.cifar, {numClasses: 10, ...options});

/** The ImageNet network: four mlpconv layers, 7,595,176 parameters. */
export const networkInNetwork = (options: NetworkInNetworkOptions = {}) =>
  new NetworkInNetwork(networkInNetworkConfigs.imageNet, {numClasses: 1000, ...options});
