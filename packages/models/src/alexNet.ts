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
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

// Deviation: the paper sums the squares over 5 channels, PyTorch takes their mean, so its α of 1e-4 is 5e-4 here.
const lrn = () => new LocalResponseNorm({size: 5, alpha: 5e-4, beta: 0.75, k: 2});
const pool = () => new MaxPool2d({kernelSize: 3, stride: 2});

const drawnFrom =
  (random = defaultRandom()) =>
  (inputs: number, outputs: number, options: Conv2dModuleOptions) =>
    new Conv2d(inputs, outputs, {...options, random});

abstract class AlexNetBase extends Module implements Backbone {
  abstract readonly features: Sequential;
  abstract readonly featureMaps: FeatureMap[];
  readonly avgpool = new AdaptiveAvgPool2d(6);
  readonly classifier: Sequential;

  constructor({numClasses = 1000, dropout = 0.5, random = defaultRandom()}: AlexNetOptions = {}) {
    super();
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Linear(256 * 36, 4096, {random}),
      new Relu(),
      new Dropout(dropout),
      new Linear(4096, 4096, {random}),
      new Relu(),
      new Linear(4096, numClasses, {random}),
    );
  }

  /** @param image - `[N, H, W, 3]` float32, normalised. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const features = this.features.forward(image) as tf.Tensor4D;
      return this.classifier.forward(flatten(this.avgpool.forward(features))) as tf.Tensor2D;
    });
  }
}

/** The one-tower form without response normalisation. Parameter names are torchvision's. */
export class AlexNet extends AlexNetBase {
  readonly features: Sequential;
  readonly featureMaps: FeatureMap[] = [
    {layer: 'features.1', channels: 64, stride: 4},
    {layer: 'features.4', channels: 192, stride: 8},
    {layer: 'features.11', channels: 256, stride: 16},
  ];

  constructor(options: AlexNetOptions = {}) {
    super(options);
    const convolution = drawnFrom(options.random);
    this.features = new Sequential(
      convolution(3, 64, {kernelSize: 11, stride: 4, padding: 2}),
      new Relu(),
      pool(),
      convolution(64, 192, {kernelSize: 5, padding: 2}),
      new Relu(),
      pool(),
      convolution(192, 384, {kernelSize: 3, padding: 1}),
      new Relu(),
      convolution(384, 256, {kernelSize: 3, padding: 1}),
      new Relu(),
      convolution(256, 256, {kernelSize: 3, padding: 1}),
      new Relu(),
      pool(),
    );
  }
}

/**
 * The paper's network, for 227 × 227 images: 96 filters of 11 × 11, response normalisation, and its two towers as
 * convolutions in two groups.
 */
export class AlexNetPaper extends AlexNetBase {
  readonly features: Sequential;
  readonly featureMaps: FeatureMap[] = [
    {layer: 'features.2', channels: 96, stride: 4},
    {layer: 'features.6', channels: 256, stride: 8},
    {layer: 'features.13', channels: 256, stride: 16},
  ];

  constructor(options: AlexNetOptions = {}) {
    super(options);
    const convolution = drawnFrom(options.random);
    this.features = new Sequential(
      convolution(3, 96, {kernelSize: 11, stride: 4}),
      new Relu(),
      lrn(),
      pool(),
      convolution(96, 256, {kernelSize: 5, padding: 2, groups: 2}),
      new Relu(),
      lrn(),
      pool(),
      convolution(256, 384, {kernelSize: 3, padding: 1}),
      new Relu(),
      convolution(384, 384, {kernelSize: 3, padding: 1, groups: 2}),
      new Relu(),
      convolution(384, 256, {kernelSize: 3, padding: 1, groups: 2}),
      new Relu(),
      pool(),
    );
  }
}

export const alexNet = (options?: AlexNetOptions) => new AlexNet(options);
export const alexNetPaper = (options?: AlexNetOptions) => new AlexNetPaper(options);
