// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, section 4.6; sizes of Lin et al., arXiv:1612.03144, section 5.
import type {Image} from '@foveal/data';
import {imageNetEval} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {ImageTransform, PixelSize, Placement} from './detectionNetwork.js';

export interface GeneralizedRcnnTransformOptions {
  /** Pixels that the shorter side becomes, @defaultValue 800 */
  minSize?: number;
  /** unless the longer side became more than this. @defaultValue 1333 */
  maxSize?: number;
  /** The height and width of a batch are multiples of it. @defaultValue 32 */
  divisible?: number;
  /** Subtracted from values in [0, 1]. @defaultValue ImageNet's */
  mean?: readonly number[];
  /** Divided by after that. @defaultValue ImageNet's */
  std?: readonly number[];
}

/**
 * Normalises each image, enlarges or shrinks it as torchvision's detectors do (bilinear from pixel centres, without
 * smoothing first), and puts a batch into the top left of one tensor; the rest is zero.
 */
export class GeneralizedRcnnTransform implements ImageTransform {
  readonly options: Required<GeneralizedRcnnTransformOptions>;

  constructor({
    minSize = 800,
    maxSize = 1333,
    divisible = 32,
    mean = imageNetEval.mean,
    std = imageNetEval.std,
  }: GeneralizedRcnnTransformOptions = {}) {
    if (!(minSize >= 1 && maxSize >= minSize && Number.isInteger(divisible) && divisible >= 1)) {
      throw new RangeError(
        'GeneralizedRcnnTransform: expected 1 ≤ minSize ≤ maxSize and a whole number divisible, ' +
          `got ${minSize}, ${maxSize} and ${divisible}.`,
      );
    }
    this.options = {minSize, maxSize, divisible, mean, std};
  }

  /** @throws RangeError if there is no image, or one is so narrow that nothing would be left of it. */
  toInput(images: readonly Image[]): {images: tf.Tensor4D; placements: Placement[]} {
    if (images.length === 0)
      throw new RangeError('GeneralizedRcnnTransform: expected one image or more, got none.');
    const sizes = images.map(({height, width}) => this.sizeOf([height, width]));
    const {divisible} = this.options;
    const [height, width] = [0, 1].map(
      axis => Math.ceil(Math.max(...sizes.map(size => size[axis])) / divisible) * divisible,
    );
    const batch = tf.tidy(() =>
      tf.concat(
        images.map((image, i) => {
          const resized = tf.image.resizeBilinear(this.#normalized(image), [...sizes[i]], false, true);
          return tf.pad(resized, [
            [0, 0],
            [0, height - sizes[i][0]],
            [0, width - sizes[i][1]],
            [0, 0],
          ]);
        }),
      ),
    );
    const placements = images.map(({height, width}, i): Placement => {
      const [newHeight, newWidth] = sizes[i];
      return {size: [height, width], scale: [newHeight / height, newWidth / width], offset: [0, 0]};
    });
    return {images: batch, placements};
  }

  /** Height and width that an image of this size becomes. @throws RangeError if one would be 0. */
  sizeOf([height, width]: PixelSize): [number, number] {
    const {minSize, maxSize} = this.options;
    const [shorter, longer] = [Math.min(height, width), Math.max(height, width)];
    // In float32 and by the reciprocal, as PyTorch divides: it decides about the last pixel.
    const by = (target: number, side: number) => Math.fround(target * Math.fround(1 / side));
    const scale = Math.min(by(minSize, shorter), by(maxSize, longer));
    const size: [number, number] = [Math.floor(height * scale), Math.floor(width * scale)];
    if (size.every(side => side >= 1)) return size;
    throw new RangeError(
      `GeneralizedRcnnTransform: an image of ${width} × ${height} pixels would shrink to nothing at ${maxSize} pixels. ` +
        'Cut it into parts, or raise maxSize.',
    );
  }

  #normalized({data, height, width, channels}: Image): tf.Tensor4D {
    const {mean, std} = this.options;
    const tables = mean.map((shift, c) =>
      Float32Array.from({length: 256}, (_, value) => (value / 255 - shift) / std[c]),
    );
    const values = new Float32Array(height * width * 3);
    const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
    for (let from = 0, to = 0; from < data.length; from += channels, to += 3) {
      values[to] = tables[0][data[from]];
      values[to + 1] = tables[1][data[from + green]];
      values[to + 2] = tables[2][data[from + blue]];
    }
    return tf.tensor4d(values, [1, height, width, 3]);
  }
}
