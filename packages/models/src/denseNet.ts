// DenseNet: Huang et al., "Densely Connected Convolutional Networks", CVPR 2017, arXiv:1608.06993, table 1.
// Parameter names are torchvision's.
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  convNorm,
  defaultRandom,
  flatten,
  GlobalAvgPool2d,
  init,
  Linear,
  MaxPool2d,
  Module,
  type Random,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';

/** Layers of the four dense blocks. */
export const denseNetConfigs = {
  121: [6, 12, 24, 16],
  169: [6, 12, 32, 32],
  201: [6, 12, 48, 32],
} as const;

export interface DenseNetOptions {
  /** @defaultValue 1000 */
  numClasses?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** Channels that each layer adds. */
const growth = 32;

const start = {bias: false, init: init.kaimingNormal()};

/** Normalise, rectify, squeeze to 4 · growth, and add `growth` channels from a 3×3 window. */
class DenseLayer extends Module {
  readonly norm1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly norm2 = new BatchNorm2d(4 * growth);
  readonly conv2: Conv2d;

  constructor(inputs: number, random: Random) {
    super();
    this.norm1 = new BatchNorm2d(inputs);
    this.conv1 = new Conv2d(inputs, 4 * growth, {kernelSize: 1, ...start, random});
    this.conv2 = new Conv2d(4 * growth, growth, {kernelSize: 3, padding: 1, ...start, random});
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const squeezed = convNorm(this.conv1, this.norm2, this.norm1.forward(x, {relu: true}), {relu: true});
      const added = this.conv2.forward(squeezed);
      return tf.concat([x, added], 3);
    });
  }
}

class DenseBlock extends Module {
  readonly layers: DenseLayer[];

  constructor(inputs: number, count: number, random: Random) {
    super();
    this.layers = Array.from({length: count}, (_, i) => new DenseLayer(inputs + i * growth, random));
  }

  protected override fields(): Iterable<readonly [string, unknown]> {
    return this.layers.map((layer, i) => [`denselayer${i + 1}`, layer] as const);
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.layers.reduce((y, layer) => layer.forward(y), x));
  }
}

/** Halves channels and sides between two blocks. */
class Transition extends Module {
  readonly norm: BatchNorm2d;
  readonly conv: Conv2d;
  readonly pool = new AvgPool2d({kernelSize: 2});

  constructor(inputs: number, random: Random) {
    super();
    this.norm = new BatchNorm2d(inputs);
    this.conv = new Conv2d(inputs, inputs / 2, {kernelSize: 1, ...start, random});
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.pool.forward(this.conv.forward(this.norm.forward(x, {relu: true}))));
  }
}

class DenseFeatures extends Module {
  readonly conv0: Conv2d;
  readonly norm0 = new BatchNorm2d(64);
  readonly pool0 = new MaxPool2d({kernelSize: 3, stride: 2, padding: 1});
  readonly blocks: DenseBlock[] = [];
  readonly transitions: Transition[] = [];
  readonly norm5: BatchNorm2d;
  readonly channels: number;

  constructor(config: readonly number[], random: Random) {
    super();
    this.conv0 = new Conv2d(3, 64, {kernelSize: 7, stride: 2, padding: 3, ...start, random});
    let channels = 64;
    config.forEach((count, b) => {
      this.blocks.push(new DenseBlock(channels, count, random));
      channels += count * growth;
      if (b === config.length - 1) return;
      this.transitions.push(new Transition(channels, random));
      channels /= 2;
    });
    this.norm5 = new BatchNorm2d(channels);
    this.channels = channels;
  }

  protected override fields(): Iterable<readonly [string, unknown]> {
    return [
      ['conv0', this.conv0],
      ['norm0', this.norm0],
      ...this.blocks.flatMap((block, b) => [
        [`denseblock${b + 1}`, block] as const,
        [`transition${b + 1}`, this.transitions[b]] as const,
      ]),
      ['norm5', this.norm5],
    ];
  }

  forward(image: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      // A scope of its own: the stem's maps are the largest, and prediction can free them at once.
      let x = tf.tidy(() => this.pool0.forward(convNorm(this.conv0, this.norm0, image, {relu: true})));
      this.blocks.forEach((block, b) => {
        x = block.forward(x);
        if (b < this.transitions.length) x = this.transitions[b].forward(x);
      });
      return this.norm5.forward(x, {relu: true});
    });
  }
}

/** Each layer sees the outputs of all layers before it in its block. */
export class DenseNet extends Module implements Backbone {
  readonly features: DenseFeatures;
  readonly avgpool = new GlobalAvgPool2d();
  readonly classifier: Linear;
  /** The stem, each block as the transition after it sees it (normalised and rectified), and the last block. */
  readonly featureMaps: readonly FeatureMap[];

  constructor(
    depth: keyof typeof denseNetConfigs,
    {numClasses = 1000, random = defaultRandom()}: DenseNetOptions = {},
  ) {
    super();
    this.features = new DenseFeatures(denseNetConfigs[depth], random);
    this.classifier = new Linear(this.features.channels, numClasses, {random});
    const {transitions, channels} = this.features;
    this.featureMaps = [
      {layer: 'features.norm0', channels: 64, stride: 2},
      ...transitions.map(({norm}, b) => ({
        layer: `features.transition${b + 1}.norm`,
        channels: norm.weight.size,
        stride: 4 * 2 ** b,
      })),
      {layer: 'features.norm5', channels, stride: 32},
    ];
  }

  /** Published files call `norm1` `norm.1`, from before PyTorch forbade dots in names. */
  weightsName(name: string): string {
    return name.replace(/(denselayer\d+\.(?:norm|conv))\.([12]\.)/, '$1$2');
  }

  /** @param image - `[N, H, W, 3]` float32, normalised. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const pooled = flatten(this.avgpool.forward(this.features.forward(image)));
      return this.classifier.forward(pooled) as tf.Tensor2D;
    });
  }
}

export const denseNet121 = (options?: DenseNetOptions) => new DenseNet(121, options);
export const denseNet169 = (options?: DenseNetOptions) => new DenseNet(169, options);
export const denseNet201 = (options?: DenseNetOptions) => new DenseNet(201, options);
