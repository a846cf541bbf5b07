// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385, section 4.2.
import {
  BatchNorm2d,
  Conv2d,
  convNorm,
  defaultRandom,
  flatten,
  GlobalAvgPool2d,
  init,
  type Layer,
  Linear,
  Module,
  type Random,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';
import {BasicBlock, ZeroPadShortcut} from './residualBlocks.js';

export interface ResNetCifarOptions {
  /** @defaultValue 10 */
  numClasses?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** The three stages, by the size of their maps for an image of 32 × 32: 32, 16 and 8 pixels. */
const stageChannels = [16, 32, 64] as const;

/**
 * A ResNet for images of 32 × 32: `6n + 2` layers, shortcuts without parameters (option A). Names are those of
 * akamaster/pytorch_resnet_cifar10, whose checkpoints load as they are: `conv1`, `layer1.0.conv1`, …, `linear`.
 */
export class ResNetCifar extends Module implements Backbone {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly linear: Linear;
  readonly featureMaps: readonly FeatureMap[] = stageChannels.map((channels, i) => ({
    layer: `layer${i + 1}`,
    channels,
    stride: 2 ** i,
  }));

  /** @param depth - Layers with parameters, `6n + 2`. @throws RangeError if it is no such number. */
  constructor(depth: number, {numClasses = 10, random = defaultRandom()}: ResNetCifarOptions = {}) {
    super();
    const blocks = (depth - 2) / 6;
    if (!Number.isInteger(blocks) || blocks < 1) {
      throw new RangeError(`ResNetCifar: depth must be 6n + 2 (20, 32, 44, 56, 110), got ${depth}.`);
    }
    const [c1, c2, c3] = stageChannels;
    this.conv1 = new Conv2d(3, c1, {
      kernelSize: 3,
      padding: 1,
      bias: false,
      init: init.kaimingNormal(),
      random,
    });
    this.bn1 = new BatchNorm2d(c1);
    this.layer1 = stage(c1, c1, blocks, random);
    this.layer2 = stage(c1, c2, blocks, random);
    this.layer3 = stage(c2, c3, blocks, random);
    this.linear = new Linear(c3, numClasses, {init: init.kaimingNormal(), random});
  }

  /** @param image - `[N, H, W, 3]` float32, normalised. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const stem = convNorm(this.conv1, this.bn1, image, {relu: true});
      const features = [this.layer1, this.layer2, this.layer3].reduce(
        (x, layer) => layer.forward(x) as tf.Tensor4D,
        stem,
      );
      return this.linear.forward(flatten(new GlobalAvgPool2d().forward(features)));
    });
  }
}

function stage(inputs: number, channels: number, blocks: number, random: Random): Sequential {
  const layers = Array.from({length: blocks}, (_, i) => {
    const grows = i === 0 && channels !== inputs;
    return new BasicBlock(i === 0 ? inputs : channels, channels, {
      stride: grows ? 2 : 1,
      downsample: grows ? (new ZeroPadShortcut(channels - inputs, 2) as Layer) : null,
      init: init.kaimingNormal(),
      random,
    });
  });
  return new Sequential(...(layers as Layer[]));
}

export const resNet20 = (options?: ResNetCifarOptions) => new ResNetCifar(20, options);
export const resNet32 = (options?: ResNetCifarOptions) => new ResNetCifar(32, options);
export const resNet44 = (options?: ResNetCifarOptions) => new ResNetCifar(44, options);
export const resNet56 = (options?: ResNetCifarOptions) => new ResNetCifar(56, options);
export const resNet110 = (options?: ResNetCifarOptions) => new ResNetCifar(110, options);
