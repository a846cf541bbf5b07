// Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015, arXiv:1505.04597,
// figure 1.
import {
  Conv2d,
  ConvTranspose2d,
  Dropout,
  defaultRandom,
  init,
  MaxPool2d,
  Module,
  pad2d,
  type Random,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {DoubleConv} from './doubleConv.js';
import {padToMultiple} from './padToMultiple.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';

export interface UNetOptions {
  /** @defaultValue 2 */
  numClasses?: number;
  /** Channels of the images. @defaultValue 3 */
  inputs?: number;
  /** Channels of the first level; each level below has twice as many. @defaultValue 64 */
  channels?: number;
  /** How often the maps are halved. @defaultValue 4 */
  depth?: number;
  /**
   * `valid` convolves without padding, as the paper does, on images whose borders are continued by mirroring; `same`
   * keeps the size of the maps, and computes less. @defaultValue 'same'
   */
  padding?: 'valid' | 'same';
  /** Normalises after each convolution; the paper does not. @defaultValue false */
  batchNorm?: boolean;
  /** At the end of the contracting path. @defaultValue 0.5 */
  dropout?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** A contracting path and an expanding one, whose levels see those of the first beside what comes from below. */
export class UNet extends Module implements SegmentationNetwork {
  readonly down: DoubleConv[] = [];
  readonly upconv: ConvTranspose2d[] = [];
  readonly up: DoubleConv[] = [];
  readonly final: Conv2d;
  readonly dropout: Dropout;
  readonly padding: 'valid' | 'same';
  readonly depth: number;
  readonly #pool = new MaxPool2d({kernelSize: 2});

  /** @throws RangeError if an option is out of range. */
  constructor({
    numClasses = 2,
    inputs = 3,
    channels = 64,
    depth = 4,
    padding = 'same',
    batchNorm = false,
    dropout = 0.5,
    random = defaultRandom(),
  }: UNetOptions = {}) {
    super();
    if (!(Number.isInteger(depth) && depth >= 1 && depth <= 7)) {
      throw new RangeError(`UNet: depth must be a whole number from 1 to 7, got ${depth}.`);
    }
    if (padding !== 'valid' && padding !== 'same') {
      throw new RangeError(`UNet: padding must be 'valid' or 'same', got ${JSON.stringify(padding)}.`);
    }
    const options = {padding: padding === 'same' ? 1 : 0, batchNorm, random} as const;
    for (let level = 0; level <= depth; level++) {
      const out = channels * 2 ** level;
      this.down.push(new DoubleConv(level === 0 ? inputs : out / 2, out, options));
    }
    for (let level = depth - 1; level >= 0; level--) {
      const out = channels * 2 ** level;
      const filters = {kernelSize: 2, stride: 2, init: init.kaimingNormal({mode: 'fanOut'}), random};
      this.upconv.push(new ConvTranspose2d(2 * out, out, filters));
      this.up.push(new DoubleConv(2 * out, out, options));
    }
    this.final = new Conv2d(channels, numClasses, {kernelSize: 1, init: init.kaimingNormal(), random});
    this.dropout = new Dropout(dropout, {random});
    this.padding = padding;
    this.depth = depth;
  }

  /** What `valid` convolutions take off each side. */
  get margin(): number {
    return this.padding === 'valid' ? uNetMargin(this.depth) : 0;
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    const multiple = 2 ** this.depth;
    if (this.padding === 'same') return padToMultiple(images, multiple, x => this.forwardTile(x));
    return tf.tidy(() => {
      const [batch, height, width] = images.shape;
      const {margin} = this;
      // Each pooling halves an even number only if what comes out is 4 more than a multiple.
      const [down, across] = [height, width].map(side => (((4 - side) % multiple) + multiple) % multiple);
      const reach = margin + Math.max(down, across);
      if (reach >= Math.min(height, width)) {
        throw new RangeError(
          `UNet: an image of ${height} × ${width} pixels is too small to be continued by ${reach} mirrored pixels. ` +
            "Take a larger one, padding: 'same', or less depth.",
        );
      }
      const x = mirrored(images, margin, down, across);
      const maps = this.forwardTile(x);
      return tf.slice(maps, [0, 0, 0, 0], [batch, height, width, maps.shape[3]]);
    });
  }

  /**
   * The network itself, on a tile that fits.
   *
   * @param tile - `[N, H, W, inputs]`; with `valid` convolutions such sides that every pooling sees an even number,
   * e.g. 572.
   * @returns `[N, H', W', numClasses]`: the same size with `same`, else 2 · {@link uNetMargin} less, e.g. 388.
   * @throws RangeError if the sides do not fit.
   */
  forwardTile(tile: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const skips: tf.Tensor4D[] = [];
      let x = tile;
      this.down.forEach((level, l) => {
        if (l > 0) {
          checkEven(x, tile);
          x = this.#pool.forward(x);
        }
        x = level.forward(x);
        // "Drop-out layers at the end of the contracting path" (section 3.1).
        if (l >= this.depth - 1) x = this.dropout.forward(x);
        skips.push(x);
      });
      this.up.forEach((level, l) => {
        const y = this.upconv[l].forward(x);
        x = level.forward(tf.concat([cropTo(skips[this.depth - 1 - l], y), y], 3));
      });
      return this.final.forward(x);
    });
  }
}

/** Pixels that `valid` convolutions take off each side: 92 at a depth of 4. */
export function uNetMargin(depth: number): number {
  let lost = 2; // of the deepest level, each side
  for (let level = 0; level < depth; level++) lost = 2 * lost + 4;
  return lost;
}

function mirrored(images: tf.Tensor4D, margin: number, down: number, across: number): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const wide = pad2d(images, [margin + down, margin + across], 'reflect');
  const size = [batch, height + 2 * margin + down, width + 2 * margin + across, channels] as const;
  return tf.slice(wide, [0, down, across, 0], [...size]);
}

function checkEven({shape: [, height, width]}: tf.Tensor4D, {shape}: tf.Tensor4D): void {
  if (height % 2 === 0 && width % 2 === 0) return;
  throw new RangeError(
    `UNet: a tile of ${shape[1]} × ${shape[2]} gives maps of ${height} × ${width}, which cannot be halved. ` +
      'Choose sides so that every pooling sees even ones, or use forward, which does.',
  );
}

function cropTo(skip: tf.Tensor4D, {shape: [batch, height, width]}: tf.Tensor4D): tf.Tensor4D {
  const [top, left] = [(skip.shape[1] - height) / 2, (skip.shape[2] - width) / 2];
  if (top === 0 && left === 0) return skip;
  return tf.slice(skip, [0, top, left, 0], [batch, height, width, skip.shape[3]]);
}

export const uNet = (options?: UNetOptions) => new UNet(options);
/** As the paper has it: convolutions without padding. */
export const uNetPaper = (options?: UNetOptions) => new UNet({...options, padding: 'valid'});
