// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385, table 1.
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  defaultRandom,
  flatten,
  init,
  type Layer,
  Linear,
  MaxPool2d,
  Module,
  type Random,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';
import {BasicBlock, Bottleneck, projection} from './residualBlocks.js';

export interface ResNetOptions {
  /** @defaultValue 1000 */
  numClasses?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** The columns of table 1: blocks in `conv2_x` to `conv5_x`. */
export const resNetConfigs = {
  18: {block: BasicBlock, blocks: [2, 2, 2, 2]},
  34: {block: BasicBlock, blocks: [3, 4, 6, 3]},
  50: {block: Bottleneck, blocks: [3, 4, 6, 3]},
  101: {block: Bottleneck, blocks: [3, 4, 23, 3]},
  152: {block: Bottleneck, blocks: [3, 8, 36, 3]},
} as const;
export type ResNetDepth = keyof typeof resNetConfigs;

/**
 * A ResNet for ImageNet, with torchvision's names and its stride on the 3×3 convolution of a bottleneck ("v1.5"):
 * `conv1`, `layer1.0.conv1`, `layer1.0.downsample.0`, …, `fc`.
 */
export class ResNet extends Module implements Backbone {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly maxpool = new MaxPool2d({kernelSize: 3, stride: 2, padding: 1});
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool = new AdaptiveAvgPool2d(1);
  readonly fc: Linear;
  readonly featureMaps: readonly FeatureMap[];

  constructor(depth: ResNetDepth, {numClasses = 1000, random = defaultRandom()}: ResNetOptions = {}) {
    super();
    const {block, blocks} = resNetConfigs[depth];
    const {expansion} = block;
    this.conv1 = new Conv2d(3, 64, {
      kernelSize: 7,
      stride: 2,
      padding: 3,
      bias: false,
      init: filters,
      random,
    });
    this.bn1 = new BatchNorm2d(64);
    this.layer1 = stage(depth, 64, 64, blocks[0], random);
    this.layer2 = stage(depth, 64 * expansion, 128, blocks[1], random);
    this.layer3 = stage(depth, 128 * expansion, 256, blocks[2], random);
    this.layer4 = stage(depth, 256 * expansion, 512, blocks[3], random);
    this.fc = new Linear(512 * expansion, numClasses, {random});
    this.featureMaps = [64, 128, 256, 512].map((channels, i) => ({
      layer: `layer${i + 1}`,
      channels: channels * expansion,
      stride: 4 * 2 ** i,
    }));
  }

  /** @param image - `[N, H, W, 3]` float32, normalised. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      // A scope of its own: the stem's maps are the largest, and prediction can free them at once.
      const stem = tf.tidy(() =>
        this.maxpool.forward(this.bn1.forward(this.conv1.forward(image), {relu: true})),
      );
      const layers = [this.layer1, this.layer2, this.layer3, this.layer4];
      const features = layers.reduce((x, layer) => layer.forward(x) as tf.Tensor4D, stem);
      return this.fc.forward(flatten(this.avgpool.forward(features)));
    });
  }
}

// torchvision's start: He's, by what a filter sends out.
const filters = init.kaimingNormal({mode: 'fanOut'});

function stage(
  depth: ResNetDepth,
  inputs: number,
  channels: number,
  count: number,
  random: Random,
): Sequential {
  const {block: Block} = resNetConfigs[depth];
  const outputs = channels * Block.expansion;
  const layers = Array.from({length: count}, (_, i) => {
    const stride = i === 0 && channels > 64 ? 2 : 1;
    const fits = i > 0 || inputs === outputs;
    const start = {stride, init: filters, random};
    const downsample = fits ? null : projection(inputs, outputs, start);
    return new Block(i === 0 ? inputs : outputs, channels, {...start, downsample});
  });
  return new Sequential(...(layers as Layer[]));
}

export const resNet18 = (options?: ResNetOptions) => new ResNet(18, options);
export const resNet34 = (options?: ResNetOptions) => new ResNet(34, options);
export const resNet50 = (options?: ResNetOptions) => new ResNet(50, options);
export const resNet101 = (options?: ResNetOptions) => new ResNet(101, options);
export const resNet152 = (options?: ResNetOptions) => new ResNet(152, options);
