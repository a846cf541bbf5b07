// VGG: Simonyan & Zisserman, "Very Deep Convolutional Networks", ICLR 2015, arXiv:1409.1556, table 1.
import {
  AdaptiveAvgPool2d,
  Conv2d,
  Dropout,
  defaultRandom,
  flatten,
  Identity,
  init,
  Linear,
  MaxPool2d,
  Module,
  type Random,
  Relu,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {responseNorm} from './alexNet.js';
import type {Backbone, FeatureMap} from './backbone.js';
import {BatchNormRelu2d} from './batchNormRelu2d.js';

const lrn = 'lrn';
const c1 = (channels: number) => ({channels, kernelSize: 1});

/** The columns of table 1: five stages of 3×3 convolutions, each closed by a 2×2 max-pool. */
// biome-ignore format: a table like the paper's
export const vggConfigs = {
  'A':     [[64],      [128],      [256, 256],           [512, 512],           [512, 512]],
  'A-LRN': [[64, lrn], [128],      [256, 256],           [512, 512],           [512, 512]],
  'B':     [[64, 64],  [128, 128], [256, 256],           [512, 512],           [512, 512]],
  'C':     [[64, 64],  [128, 128], [256, 256, c1(256)],  [512, 512, c1(512)],  [512, 512, c1(512)]],
  'D':     [[64, 64],  [128, 128], [256, 256, 256],      [512, 512, 512],      [512, 512, 512]],
  'E':     [[64, 64],  [128, 128], [256, 256, 256, 256], [512, 512, 512, 512], [512, 512, 512, 512]],
} as const;
export type VggConfig = keyof typeof vggConfigs;

// torchvision's start: He's, by what a filter sends out, and a narrow normal.
const filters = init.kaimingNormal({mode: 'fanOut'});
const weights = init.normal(0, 0.01);

export interface VggOptions {
  /** @defaultValue 1000 */
  numClasses?: number;
  /** Normalises after each convolution, as torchvision's `_bn` models do; the paper does not. @defaultValue false */
  batchNorm?: boolean;
  /** @defaultValue 0.5 */
  dropout?: number;
  /** Units of the two hidden fully connected layers. @defaultValue 4096 */
  hidden?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** Any column of table 1. Parameter names are torchvision's: `features.0.weight` … `classifier.6.bias`. */
export class Vgg extends Module implements Backbone {
  readonly features = new Sequential();
  readonly avgpool = new AdaptiveAvgPool2d(7);
  readonly classifier: Sequential;
  /** The output of each stage, before its pooling. */
  readonly featureMaps: FeatureMap[] = [];

  constructor(
    config: VggConfig,
    {
      numClasses = 1000,
      batchNorm = false,
      dropout = 0.5,
      hidden = 4096,
      random = defaultRandom(),
    }: VggOptions = {},
  ) {
    super();
    let channels = 3;
    vggConfigs[config].forEach((stage, s) => {
      for (const item of stage) {
        if (item === lrn) {
          this.features.push(responseNorm());
          continue;
        }
        const {channels: out, kernelSize} = typeof item === 'number' ? {channels: item, kernelSize: 3} : item;
        const padding = (kernelSize - 1) / 2;
        this.features.push(new Conv2d(channels, out, {kernelSize, padding, init: filters, random}));
        // The norm rectifies, too; something has to stand where torchvision counts the ReLU.
        if (batchNorm) this.features.push(new BatchNormRelu2d(out), new Identity());
        else this.features.push(new Relu());
        channels = out;
      }
      this.featureMaps.push({layer: `features.${this.features.length - 1}`, channels, stride: 2 ** s});
      this.features.push(new MaxPool2d({kernelSize: 2}));
    });
    this.classifier = new Sequential(
      new Linear(channels * 49, hidden, {init: weights, random}),
      new Relu(),
      new Dropout(dropout),
      new Linear(hidden, hidden, {init: weights, random}),
      new Relu(),
      new Dropout(dropout),
      new Linear(hidden, numClasses, {init: weights, random}),
    );
  }

  /** @param image - `[N, H, W, 3]` float32, normalised; 32 pixels at least. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const features = this.features.forward(image) as tf.Tensor4D;
      return this.classifier.forward(flatten(this.avgpool.forward(features))) as tf.Tensor2D;
    });
  }
}

export const vgg11 = (options?: VggOptions) => new Vgg('A', options);
export const vgg11Bn = (options?: VggOptions) => new Vgg('A', {...options, batchNorm: true});
export const vgg11Lrn = (options?: VggOptions) => new Vgg('A-LRN', options);
export const vgg13 = (options?: VggOptions) => new Vgg('B', options);
export const vgg13Bn = (options?: VggOptions) => new Vgg('B', {...options, batchNorm: true});
export const vgg16 = (options?: VggOptions) => new Vgg('D', options);
export const vgg16Bn = (options?: VggOptions) => new Vgg('D', {...options, batchNorm: true});
export const vgg16C = (options?: VggOptions) => new Vgg('C', options);
export const vgg19 = (options?: VggOptions) => new Vgg('E', options);
export const vgg19Bn = (options?: VggOptions) => new Vgg('E', {...options, batchNorm: true});
