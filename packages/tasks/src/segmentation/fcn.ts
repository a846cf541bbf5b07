// Long et al., "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015, arXiv:1411.4038, sections 3.2 to
// 4.2; layer names, padding and crops as in the authors' Caffe models (arXiv:1605.06211, section 4.3).
import {
  Conv2d,
  ConvTranspose2d,
  Dropout,
  defaultRandom,
  init,
  MaxPool2d,
  Module,
  type Random,
} from '@foveal/core';
import {type Vgg, vggConfigs} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {SegmentationNetwork} from './segmentationNetwork.js';

/** By the stride at which scores are upsampled at last. */
export const fcnConfigs = {
  32: {skips: [], last: {name: 'upscore', crop: 19}},
  16: {skips: [{up: 'upscore2', pool: 4, crop: 5}], last: {name: 'upscore16', crop: 27}},
  8: {
    skips: [
      {up: 'upscore2', pool: 4, crop: 5},
      {up: 'upscore_pool4', pool: 3, crop: 9},
    ],
    last: {name: 'upscore8', crop: 31},
  },
} as const;
export type FcnStride = keyof typeof fcnConfigs;

export interface FcnOptions {
  /** @defaultValue 21 */
  numClasses?: number;
  /** Channels of `fc6` and `fc7`. @defaultValue 4096 */
  hidden?: number;
  /** @defaultValue 0.5 */
  dropout?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * VGG-16 with its classifier as convolutions, whose scores grow back by transposed convolutions and take in finer ones
 * on the way: FCN-32s, 16s or 8s. Scores start at zero, upsampling as bilinear interpolation. Weights of VGG-16 come
 * by {@link Fcn.startFrom}; those of a coarser FCN by `loadStateDict` with `strict: false`, as the paper trains.
 */
export class Fcn extends Module implements SegmentationNetwork {
  readonly stride: FcnStride;
  readonly #layers = new Map<string, Conv2d | ConvTranspose2d>();
  readonly #pool = new MaxPool2d({kernelSize: 2, ceilMode: true});
  readonly dropout: Dropout;

  constructor(
    stride: FcnStride,
    {numClasses = 21, hidden = 4096, dropout = 0.5, random = defaultRandom()}: FcnOptions = {},
  ) {
    super();
    this.stride = stride;
    const he = {init: init.kaimingNormal(), random};
    let channels = 3;
    const poolChannels: number[] = [];
    vggConfigs.D.forEach((stage, s) => {
      stage.forEach((out, i) => {
        // So wide that fc6 fits into the smallest image; what is too much is cut off at the end.
        const padding = channels === 3 ? 100 : 1;
        this.#layers.set(`conv${s + 1}_${i + 1}`, new Conv2d(channels, out, {kernelSize: 3, padding, ...he}));
        channels = out;
      });
      poolChannels.push(channels);
    });
    this.#layers.set('fc6', new Conv2d(channels, hidden, {kernelSize: 7, ...he}));
    this.#layers.set('fc7', new Conv2d(hidden, hidden, {kernelSize: 1, ...he}));
    const score = (inputs: number) =>
      new Conv2d(inputs, numClasses, {kernelSize: 1, init: init.zeros, random});
    this.#layers.set('score_fr', score(hidden));
    const {skips, last} = fcnConfigs[stride];
    for (const {pool} of skips) this.#layers.set(`score_pool${pool}`, score(poolChannels[pool - 1]));
    const grow = (by: number) =>
      new ConvTranspose2d(numClasses, numClasses, {
        kernelSize: 2 * by,
        stride: by,
        bias: false,
        init: init.bilinear,
        random,
      });
    for (const {up} of skips) this.#layers.set(up, grow(2));
    this.#layers.set(last.name, grow(stride));
    // "Final layer deconvolutional filters are fixed to bilinear interpolation" (section 4.3).
    this.#layers.get(last.name)!.freeze();
    for (const name of ['score_fr', ...skips.map(({pool}) => `score_pool${pool}`)]) {
      const {bias} = this.#layers.get(name)!;
      if (bias) tf.tidy(() => bias.assign(tf.zeros(bias.shape)));
    }
    this.dropout = new Dropout(dropout, {random});
  }

  protected override fields(): Iterable<readonly [string, unknown]> {
    return [...this.#layers, ['dropout', this.dropout]];
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    const {skips, last} = fcnConfigs[this.stride];
    return tf.tidy(() => {
      const pooled: tf.Tensor4D[] = [];
      let x = images;
      vggConfigs.D.forEach((stage, s) => {
        stage.forEach((_, i) => {
          x = tf.relu(this.#run(`conv${s + 1}_${i + 1}`, x));
        });
        x = this.#pool.forward(x);
        pooled.push(x);
      });
      for (const name of ['fc6', 'fc7']) x = this.dropout.forward(tf.relu(this.#run(name, x)));
      let scores = this.#run('score_fr', x);
      for (const {up, pool, crop} of skips) {
        const coarse = this.#run(up, scores);
        const fine = this.#run(`score_pool${pool}`, pooled[pool - 1]);
        const [batch, height, width, classes] = coarse.shape;
        scores = tf.add(coarse, tf.slice(fine, [0, crop, crop, 0], [batch, height, width, classes]));
      }
      const [batch, height, width] = images.shape;
      const maps = this.#run(last.name, scores);
      return tf.slice(maps, [0, last.crop, last.crop, 0], [batch, height, width, maps.shape[3]]);
    });
  }

  /** Takes the convolutions and the two hidden layers of a VGG-16 over; its values are copied. */
  startFrom(vgg: Vgg): this {
    const state = vgg.stateDict();
    const convolutions = Object.keys(state).filter(name => /^features\.\d+\.weight$/.test(name));
    const names = [...this.#layers.keys()].filter(name => name.startsWith('conv'));
    if (convolutions.length !== names.length) {
      throw new TypeError(
        `Fcn.startFrom: expected the ${names.length} convolutions of a VGG-16, got ${convolutions.length}.`,
      );
    }
    tf.tidy(() => {
      for (const [i, name] of names.entries()) {
        this.#take(name, state, convolutions[i].replace(/\.weight$/, ''));
      }
      for (const [i, name] of ['fc6', 'fc7'].entries()) this.#take(name, state, `classifier.${3 * i}`);
    });
    return this;
  }

  #take(name: string, state: Record<string, tf.Tensor>, from: string): void {
    const {weight, bias} = this.#layers.get(name)!;
    const [height, width, inputs, outputs] = weight.shape;
    const given = state[`${from}.weight`];
    // A matrix has a row for each output, over pixels and channels: the filter that sees the whole map.
    const filter =
      given.rank === 2
        ? tf.transpose(tf.reshape(given, [outputs, height, width, inputs]), [1, 2, 3, 0])
        : given;
    weight.assign(filter as tf.Tensor4D);
    bias?.assign(state[`${from}.bias`] as tf.Tensor1D);
  }

  #run = (name: string, x: tf.Tensor4D) => this.#layers.get(name)!.forward(x);
}

export const fcn32s = (options?: FcnOptions) => new Fcn(32, options);
export const fcn16s = (options?: FcnOptions) => new Fcn(16, options);
export const fcn8s = (options?: FcnOptions) => new Fcn(8, options);
