// SqueezeNet: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50× fewer parameters", 2016, arXiv:1602.07360,
// table 1; version 1.1 from the authors' repository. Parameter names are torchvision's.
import {
  Conv2d,
  Dropout,
  defaultRandom,
  flatten,
  GlobalAvgPool2d,
  init,
  MaxPool2d,
  Module,
  type Random,
  Relu,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';

const pool = 'pool';

/** A fire module by its filters: squeezed to the first, expanded by the second in 1×1 and as many in 3×3. */
const fire = (squeeze: number, expand: number) => ({squeeze, expand});

// biome-ignore format: a table like the paper's
export const squeezeNetConfigs = {
  '1.0': {stem: {channels: 96, kernelSize: 7}, layers: [
    pool, fire(16, 64), fire(16, 64), fire(32, 128), pool, fire(32, 128), fire(48, 192), fire(48, 192), fire(64, 256),
    pool, fire(64, 256)]},
  '1.1': {stem: {channels: 64, kernelSize: 3}, layers: [
    pool, fire(16, 64), fire(16, 64), pool, fire(32, 128), fire(32, 128), pool, fire(48, 192), fire(48, 192),
    fire(64, 256), fire(64, 256)]},
} as const;
export type SqueezeNetVersion = keyof typeof squeezeNetConfigs;

export interface SqueezeNetOptions {
  /** @defaultValue 1000 */
  numClasses?: number;
  /** @defaultValue 0.5 */
  dropout?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

// torchvision's start: He's uniform, and a narrow normal for the classes.
const filters = init.kaimingUniform();
const templates = init.normal(0, 0.01);

/** Fewer filters in, the same window: a 1×1 squeeze feeds 1×1 and 3×3 filters side by side. */
class Fire extends Module {
  readonly squeeze: Conv2d;
  readonly expand1x1: Conv2d;
  readonly expand3x3: Conv2d;

  constructor(inputs: number, squeeze: number, expand: number, random: Random) {
    super();
    this.squeeze = new Conv2d(inputs, squeeze, {kernelSize: 1, init: filters, random});
    this.expand1x1 = new Conv2d(squeeze, expand, {kernelSize: 1, init: filters, random});
    this.expand3x3 = new Conv2d(squeeze, expand, {kernelSize: 3, padding: 1, init: filters, random});
  }

  /** @param x - `[N, H, W, inputs]`. @returns `[N, H, W, 2 · expand]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const squeezed = tf.relu(this.squeeze.forward(x));
      return tf.relu(tf.concat([this.expand1x1.forward(squeezed), this.expand3x3.forward(squeezed)], 3));
    });
  }
}

/** Fire modules with three poolings, and a convolution for the classes. 735,424 (1.0) and 722,496 (1.1) parameters before it. */
export class SqueezeNet extends Module implements Backbone {
  readonly features: Sequential;
  readonly classifier: Sequential;
  /** What each pooling sees, and the last maps. */
  readonly featureMaps: FeatureMap[] = [];
  /** Its poolings have no padding. */
  readonly smallestSide = 32;

  constructor(
    version: SqueezeNetVersion,
    {numClasses = 1000, dropout = 0.5, random = defaultRandom()}: SqueezeNetOptions = {},
  ) {
    super();
    const {stem, layers} = squeezeNetConfigs[version];
    this.features = new Sequential(
      new Conv2d(3, stem.channels, {kernelSize: stem.kernelSize, stride: 2, init: filters, random}),
      new Relu(),
    );
    let channels: number = stem.channels;
    let stride = 2;
    for (const layer of layers) {
      if (layer === pool) {
        this.featureMaps.push({layer: `features.${this.features.length - 1}`, channels, stride});
        this.features.push(new MaxPool2d({kernelSize: 3, stride: 2, ceilMode: true}));
        stride *= 2;
      } else {
        this.features.push(new Fire(channels, layer.squeeze, layer.expand, random));
        channels = 2 * layer.expand;
      }
    }
    this.featureMaps.push({layer: `features.${this.features.length - 1}`, channels, stride});
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Conv2d(channels, numClasses, {kernelSize: 1, init: templates, random}),
      new Relu(),
      new GlobalAvgPool2d(),
    );
  }

  /** @param image - `[N, H, W, 3]` float32, normalised. @returns `[N, numClasses]` logits, at least 0. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => flatten(this.classifier.forward(this.features.forward(image))));
  }
}

export const squeezeNet1_0 = (options?: SqueezeNetOptions) => new SqueezeNet('1.0', options);
export const squeezeNet1_1 = (options?: SqueezeNetOptions) => new SqueezeNet('1.1', options);
