// Ciresan et al., "Deep Neural Networks Segment Neuronal Membranes in Electron Microscopy Images", NIPS 2012: each pixel
// by the patch around it. What fully convolutional networks improve on: neighbours share nothing.
import {defaultRandom, Module, pad2d, type Random, resize2d, softmaxCrossEntropy} from '@foveal/core';
import type {Backbone} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {SegmentationNetwork} from './segmentationNetwork.js';

export interface PatchClassifierOptions {
  /** Side of the patches in pixels, odd, so that there is one in the middle. @defaultValue 33 */
  patchSize?: number;
  /** Pixels between two patches in prediction; those between take the class of the nearest. @defaultValue 4 */
  step?: number;
  /** Patches drawn from each image in training. @defaultValue 32 */
  patchesPerImage?: number;
  /** Patches that are classified at once in prediction. @defaultValue 256 */
  batchSize?: number;
  /** Where the places of patches are drawn from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** A classifier of whole images that slides over large ones, whose borders are mirrored. */
export class PatchClassifier extends Module implements SegmentationNetwork {
  readonly classifier: Backbone;
  readonly patchSize: number;
  readonly step: number;
  readonly patchesPerImage: number;
  readonly batchSize: number;
  #random: Random;

  /** @throws RangeError if an option is out of range. */
  constructor(
    classifier: Backbone,
    {
      patchSize = 33,
      step = 4,
      patchesPerImage = 32,
      batchSize = 256,
      random = defaultRandom(),
    }: PatchClassifierOptions = {},
  ) {
    super();
    for (const [name, value] of Object.entries({patchSize, step, patchesPerImage, batchSize})) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new RangeError(`PatchClassifier: ${name} must be a whole number above 0, got ${value}.`);
    }
    if (patchSize % 2 === 0) {
      throw new RangeError(`PatchClassifier: patchSize must be odd, got ${patchSize}.`);
    }
    this.classifier = classifier;
    this.patchSize = patchSize;
    this.step = step;
    this.patchesPerImage = patchesPerImage;
    this.batchSize = batchSize;
    this.#random = random.split();
  }

  protected override takeRandom(random: Random): void {
    this.#random = random;
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    const [batch, height, width] = images.shape;
    const {step, batchSize} = this;
    const half = Math.floor(step / 2);
    const lines = (size: number) =>
      Array.from({length: Math.ceil(size / step)}, (_, i) => Math.min(i * step + half, size - 1));
    const [rows, columns] = [lines(height), lines(width)];
    const centres: Centre[] = [];
    for (let image = 0; image < batch; image++) {
      for (const row of rows) for (const column of columns) centres.push([image, row, column]);
    }
    return tf.tidy(() => {
      const padded = this.#padded(images);
      const logits: tf.Tensor2D[] = [];
      for (let at = 0; at < centres.length; at += batchSize) {
        const some = centres.slice(at, at + batchSize);
        logits.push(tf.tidy(() => this.classifier.forward(this.#patches(padded, some))));
      }
      const all = tf.concat(logits);
      const maps = tf.reshape(all, [batch, rows.length, columns.length, all.shape[1]]) as tf.Tensor4D;
      const size = [rows.length * step, columns.length * step] as const;
      const large = step === 1 ? maps : resize2d(maps, {size, method: 'nearest'});
      return tf.slice(large, [0, 0, 0, 0], [batch, height, width, all.shape[1]]);
    });
  }

  /** The cross-entropy of patches at random places; 0 where the draw hits only pixels that do not count. */
  losses(images: tf.Tensor4D, labels: tf.Tensor3D): Record<string, tf.Scalar> {
    const [batch, height, width] = images.shape;
    const centres: Centre[] = [];
    for (let image = 0; image < batch; image++) {
      for (let i = 0; i < this.patchesPerImage; i++) {
        const draw = (size: number) => Math.floor(this.#random.next() * size);
        centres.push([image, draw(height), draw(width)]);
      }
    }
    return tf.tidy(() => {
      const logits = this.classifier.forward(this.#patches(this.#padded(images), centres));
      const places = centres.map(([image, row, column]) => (image * height + row) * width + column);
      const truths = tf.gather(tf.reshape(labels, [-1]), tf.tensor1d(places, 'int32')) as tf.Tensor1D;
      const sum = softmaxCrossEntropy(logits, truths, {ignoreIndex: -1, reduction: 'sum'});
      const count = tf.maximum(tf.sum(tf.cast(tf.notEqual(truths, -1), 'float32')), 1);
      return {loss: tf.div(sum, count) as tf.Scalar};
    });
  }

  #padded(images: tf.Tensor4D): tf.Tensor4D {
    const reach = (this.patchSize - 1) / 2;
    const [, height, width] = images.shape;
    return pad2d(images, reach, Math.min(height, width) > reach ? 'reflect' : 'replicate');
  }

  /** `[K, patchSize, patchSize, C]` around centres of the image before it was padded. */
  #patches(padded: tf.Tensor4D, centres: readonly Centre[]): tf.Tensor4D {
    const {patchSize} = this;
    const [, height, width, channels] = padded.shape;
    const places = new Int32Array(centres.length * patchSize ** 2);
    let at = 0;
    for (const [image, top, left] of centres) {
      for (let y = 0; y < patchSize; y++) {
        const first = (image * height + top + y) * width + left;
        for (let x = 0; x < patchSize; x++) places[at++] = first + x;
      }
    }
    const pixels = tf.gather(tf.reshape(padded, [-1, channels]), tf.tensor1d(places, 'int32'));
    return tf.reshape(pixels, [centres.length, patchSize, patchSize, channels]);
  }
}

type Centre = readonly [image: number, row: number, column: number];
