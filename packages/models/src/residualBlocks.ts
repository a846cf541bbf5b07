// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385, figures 2 and 5.
import {
  BatchNorm2d,
  Conv2d,
  convNorm,
  type init,
  type Layer,
  MaxPool2d,
  Module,
  type Random,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

export interface BlockOptions {
  stride: number;
  /** Distance between the taps of the 3×3 convolution of a bottleneck. @defaultValue 1 */
  dilation?: number;
  /** What the input passes through to get the output's shape; none where it has it already. */
  downsample: Layer | null;
  /** How the filters start. */
  init: init.Initializer;
  random: Random;
}

/** Two 3×3 convolutions beside a shortcut (figure 5, left). */
export class BasicBlock extends Module {
  /** Channels that come out per channel of the block's name. */
  static readonly expansion = 1;

  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Layer | null;

  constructor(inputs: number, channels: number, {stride, downsample, init, random}: BlockOptions) {
    super();
    const convolution = {kernelSize: 3, padding: 1, bias: false, init, random};
    this.conv1 = new Conv2d(inputs, channels, {...convolution, stride});
    this.bn1 = new BatchNorm2d(channels);
    this.conv2 = new Conv2d(channels, channels, convolution);
    this.bn2 = new BatchNorm2d(channels);
    this.downsample = downsample;
  }

  /** @param x - `[N, H, W, inputs]` float32. @returns `[N, H / stride, W / stride, channels]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const y = convNorm(this.conv1, this.bn1, x, {relu: true});
      return convNorm(this.conv2, this.bn2, y, {residual: shortcut(x, this.downsample)});
    });
  }
}

/** 1×1, 3×3 and 1×1 convolutions beside a shortcut (figure 5, right). */
export class Bottleneck extends Module {
  static readonly expansion = 4;

  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Layer | null;

  constructor(
    inputs: number,
    channels: number,
    {stride, dilation = 1, downsample, init, random}: BlockOptions,
  ) {
    super();
    const convolution = {bias: false, init, random};
    const outputs = channels * Bottleneck.expansion;
    this.conv1 = new Conv2d(inputs, channels, {...convolution, kernelSize: 1});
    this.bn1 = new BatchNorm2d(channels);
    // Deviation: the stride is on the 3×3, not on the first 1×1, because torchvision's weights ("v1.5") were trained so.
    const window = {kernelSize: 3, padding: dilation, dilation, stride};
    this.conv2 = new Conv2d(channels, channels, {...convolution, ...window});
    this.bn2 = new BatchNorm2d(channels);
    this.conv3 = new Conv2d(channels, outputs, {...convolution, kernelSize: 1});
    this.bn3 = new BatchNorm2d(outputs);
    this.downsample = downsample;
  }

  /** @param x - `[N, H, W, inputs]` float32. @returns `[N, H / stride, W / stride, 4 · channels]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const y = convNorm(this.conv1, this.bn1, x, {relu: true});
      const z = convNorm(this.conv2, this.bn2, y, {relu: true});
      return convNorm(this.conv3, this.bn3, z, {residual: shortcut(x, this.downsample)});
    });
  }
}

/** The shortcut without parameters, option A of section 3.3: every other pixel, and zeros for the new channels. */
export class ZeroPadShortcut extends Module {
  readonly subsample: MaxPool2d;
  readonly added: number;

  /** @param added - Channels that the output has more, half of them in front, as the known checkpoints expect. */
  constructor(added: number, stride: number) {
    super();
    this.subsample = new MaxPool2d({kernelSize: 1, stride});
    this.added = added;
  }

  /** @param x - `[N, H, W, C]` float32. @returns `[N, H / stride, W / stride, C + added]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const front = Math.floor(this.added / 2);
    return tf.tidy(() =>
      tf.pad(this.subsample.forward(x), [
        [0, 0],
        [0, 0],
        [0, 0],
        [front, this.added - front],
      ]),
    );
  }
}

/** The shortcut with parameters, option B: a 1×1 convolution. */
export function projection(
  inputs: number,
  outputs: number,
  {stride, init, random}: Omit<BlockOptions, 'downsample' | 'dilation'>,
): Layer {
  const convolution = new Conv2d(inputs, outputs, {kernelSize: 1, stride, bias: false, init, random});
  return new Sequential(convolution as Layer, new BatchNorm2d(outputs) as Layer);
}

const shortcut = (x: tf.Tensor4D, downsample: Layer | null) =>
  downsample ? (downsample.forward(x) as tf.Tensor4D) : x;
