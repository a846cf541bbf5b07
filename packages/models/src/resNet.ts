// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385, table 1.
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  convNorm,
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
  /**
   * Stages that keep the size of their maps and spread the taps of their filters instead, of `layer2` to `layer4`:
   * `[false, true, true]` gives maps of stride 8, for segmentation. Only for bottlenecks, from 50 layers on.
   *
   * @defaultValue `[false, false, false]`
   */
  replaceStrideWithDilation?: readonly [boolean, boolean, boolean];
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

  /** @throws RangeError if blocks without dilation should have one. */
  constructor(
    depth: ResNetDepth,
    {
      numClasses = 1000,
      replaceStrideWithDilation = [false, false, false],
      random = defaultRandom(),
    }: ResNetOptions = {},
  ) {
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
    if (block === BasicBlock && replaceStrideWithDilation.some(Boolean)) {
      throw new RangeError(
        `ResNet: replaceStrideWithDilation needs bottlenecks, which a ResNet of ${depth} layers does not have. ` +
          'Take one of 50, 101 or 152.',
      );
    }
    const windows = stageWindows(replaceStrideWithDilation);
    const [layer1, layer2, layer3, layer4] = windows.map((window, i) =>
      stage(depth, i === 0 ? 64 : 32 * 2 ** i * expansion, 64 * 2 ** i, blocks[i], window, random),
    );
    this.layer1 = layer1;
    this.layer2 = layer2;
    this.layer3 = layer3;
    this.layer4 = layer4;
    this.fc = new Linear(512 * expansion, numClasses, {random});
    let reduction = 4;
    this.featureMaps = windows.map(({stride}, i) => ({
      layer: `layer${i + 1}`,
      channels: 64 * 2 ** i * expansion,
      stride: (reduction *= stride),
    }));
  }

  /** @param image - `[N, H, W, 3]` float32, normalised. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      // A scope of its own: the stem's maps are the largest, and prediction can free them at once.
      const stem = tf.tidy(() => this.maxpool.forward(convNorm(this.conv1, this.bn1, image, {relu: true})));
      const layers = [this.layer1, this.layer2, this.layer3, this.layer4];
      const features = layers.reduce((x, layer) => layer.forward(x) as tf.Tensor4D, stem);
      return this.fc.forward(flatten(this.avgpool.forward(features)));
    });
  }
}

// torchvision's start: He's, by what a filter sends out.
const filters = init.kaimingNormal({mode: 'fanOut'});

/** The window of a stage: by how much its first block shrinks the maps, and the distances between taps. */
interface StageWindow {
  stride: number;
  /** Of the first block, which sees the maps of the stage before. */
  firstDilation: number;
  dilation: number;
}

function stageWindows(dilated: readonly boolean[]): StageWindow[] {
  let dilation = 1;
  return [
    {stride: 1, firstDilation: 1, dilation},
    ...dilated.map(keepsSize => {
      const firstDilation = dilation;
      if (keepsSize) dilation *= 2;
      return {stride: keepsSize ? 1 : 2, firstDilation, dilation};
    }),
  ];
}

function stage(
  depth: ResNetDepth,
  inputs: number,
  channels: number,
  count: number,
  {stride, firstDilation, dilation}: StageWindow,
  random: Random,
): Sequential {
  const {block: Block} = resNetConfigs[depth];
  const outputs = channels * Block.expansion;
  const start = {init: filters, random};
  const layers = Array.from({length: count}, (_, i) => {
    if (i > 0) return new Block(outputs, channels, {stride: 1, dilation, downsample: null, ...start});
    const fits = stride === 1 && inputs === outputs;
    const downsample = fits ? null : projection(inputs, outputs, {stride, ...start});
    return new Block(inputs, channels, {stride, dilation: firstDilation, downsample, ...start});
  });
  return new Sequential(...(layers as Layer[]));
}

export const resNet18 = (options?: ResNetOptions) => new ResNet(18, options);
export const resNet34 = (options?: ResNetOptions) => new ResNet(34, options);
export const resNet50 = (options?: ResNetOptions) => new ResNet(50, options);
export const resNet101 = (options?: ResNetOptions) => new ResNet(101, options);
export const resNet152 = (options?: ResNetOptions) => new ResNet(152, options);
