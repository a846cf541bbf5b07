// Mehta et al., "ESPNet: Efficient Spatial Pyramid of Dilated Convolutions for Semantic Segmentation", ECCV 2018,
// arXiv:1803.06815, figure 4 (d). Names are those of the authors' weights.
import {
  AvgPool2d,
  BatchNorm2d,
  ConvTranspose2d,
  defaultRandom,
  type Layer,
  Module,
  type Random,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {ConvNormPRelu, EspBlock, EspDown, NormPRelu, PlainConv} from './espBlocks.js';
import {padToMultiple} from './padToMultiple.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';

export interface EspNetOptions {
  /** @defaultValue 20, Cityscapes with the rest */
  numClasses?: number;
  /** ESP blocks at a quarter of the size, the paper's α₂. @defaultValue 2 */
  p?: number;
  /** ESP blocks at an eighth, the paper's α₃. @defaultValue 8 */
  q?: number;
  /**
   * Whether the last level of the decoder sees the small image, too, as the published weights of CamVid do; those of
   * Cityscapes do not. @defaultValue true
   */
  imageInDecoder?: boolean;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** ESPNet-C: maps of an eighth of the size. */
class EspEncoder extends Module {
  readonly level1: ConvNormPRelu;
  readonly b1: NormPRelu;
  readonly level2_0: EspDown;
  readonly level2: EspBlock[];
  readonly b2: NormPRelu;
  readonly level3_0: EspDown;
  readonly level3: EspBlock[];
  readonly b3: NormPRelu;
  readonly classifier: PlainConv;
  readonly #pool = new AvgPool2d({kernelSize: 3, stride: 2, padding: 1});

  constructor(numClasses: number, p: number, q: number, random: Random) {
    super();
    const blocks = (count: number, channels: number) =>
      Array.from({length: count}, () => new EspBlock(channels, channels, {shortcut: true, random}));
    this.level1 = new ConvNormPRelu(3, 16, 2, random);
    this.b1 = new NormPRelu(19);
    this.level2_0 = new EspDown(19, 64, random);
    this.level2 = blocks(p, 64);
    this.b2 = new NormPRelu(131);
    this.level3_0 = new EspDown(131, 128, random);
    this.level3 = blocks(q, 128);
    this.b3 = new NormPRelu(256);
    this.classifier = new PlainConv(256, numClasses, {kernelSize: 1, random});
  }

  /** Maps of a half (without and with the small image) and a quarter of the size, and the scores at an eighth. */
  forward(images: tf.Tensor4D): Record<'first' | 'half' | 'quarter' | 'scores', tf.Tensor4D> {
    const first = this.level1.forward(images);
    const small = this.#pool.forward(images);
    const half = this.b1.forward(tf.concat([first, small], 3));
    const second = this.level2_0.forward(half);
    const deeper = this.level2.reduce((x, block) => block.forward(x), second);
    const quarter = this.b2.forward(tf.concat([deeper, second, this.#pool.forward(small)], 3));
    const third = this.level3_0.forward(quarter);
    const deepest = this.level3.reduce((x, block) => block.forward(x), third);
    const scores = this.classifier.forward(this.b3.forward(tf.concat([third, deepest], 3)));
    return {first, half, quarter, scores};
  }
}

/** Few parameters (0.37 million for 20 classes), and dilations that see far. */
export class EspNet extends Module implements SegmentationNetwork {
  readonly encoder: EspEncoder;
  readonly level3_C: PlainConv;
  readonly br: BatchNorm2d;
  readonly conv: ConvNormPRelu;
  readonly up_l3: Sequential;
  readonly combine_l2_l3: Sequential;
  readonly up_l2: Sequential;
  readonly classifier: ConvTranspose2d;
  readonly imageInDecoder: boolean;

  constructor({
    numClasses = 20,
    p = 2,
    q = 8,
    imageInDecoder = true,
    random = defaultRandom(),
  }: EspNetOptions = {}) {
    super();
    // Deviation: the decoder has 5 channels at least, because an ESP block splits them into five.
    const width = Math.max(5, numClasses);
    const double = (outputs = width) =>
      new ConvTranspose2d(width, outputs, {kernelSize: 2, stride: 2, bias: false, random});
    this.encoder = new EspEncoder(width, p, q, random);
    this.level3_C = new PlainConv(131, width, {kernelSize: 1, random});
    this.br = new BatchNorm2d(width, {epsilon: 1e-3});
    this.conv = new ConvNormPRelu((imageInDecoder ? 19 : 16) + width, width, 1, random);
    this.up_l3 = new Sequential(double() as Layer);
    this.combine_l2_l3 = new Sequential(
      new NormPRelu(2 * width) as Layer,
      new EspBlock(2 * width, width, {shortcut: false, random}) as Layer,
    );
    this.up_l2 = new Sequential(double() as Layer, new NormPRelu(width) as Layer);
    this.classifier = double(numClasses);
    this.imageInDecoder = imageInDecoder;
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    return padToMultiple(images, 8, padded => this.#forward(padded));
  }

  #forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const {first, half, quarter, scores} = this.encoder.forward(images);
      const coarse = this.up_l3.forward(this.br.forward(scores));
      const joined = tf.concat([this.level3_C.forward(quarter), coarse as tf.Tensor4D], 3);
      const finer = this.up_l2.forward(this.combine_l2_l3.forward(joined)) as tf.Tensor4D;
      return this.classifier.forward(
        this.conv.forward(tf.concat([finer, this.imageInDecoder ? half : first], 3)),
      );
    });
  }
}

export const espNet = (options?: EspNetOptions) => new EspNet(options);
