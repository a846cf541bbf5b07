// Occlusion sensitivity: Zeiler & Fergus, ECCV 2014, arXiv:1311.2901, section 4.2 and figure 7.
import {checkShapes} from '@foveal/core';
import type {Backbone} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {evaluating} from './evaluating.js';

export interface OcclusionOptions {
  /** The number of the category that is looked at. */
  category: number;
  /** Pixels of the square that hides a part of the image. @defaultValue an eighth of the shorter side */
  size?: number;
  /** Pixels between two places of the square. @defaultValue half of `size` */
  stride?: number;
  /** What the square is filled with, after preprocessing: 0 is the mean of the training images. @defaultValue 0 */
  value?: number;
  /** What falls when something that matters is hidden: the probability, or the score before the softmax. @defaultValue 'probability' */
  measure?: 'probability' | 'score';
  /** Hidden images at once. @defaultValue 16 */
  batchSize?: number;
}

export interface Occlusion {
  /** Of the image as it is. */
  whole: number;
  /** `[rows, columns]` float32: how far it falls with the square at each place; below 0, it rises. The caller owns it. */
  falls: tf.Tensor2D;
  /** `[H, W]` float32: at each pixel the mean fall of the squares that hid it. The caller owns it. */
  map: tf.Tensor2D;
}

/**
 * Which parts of an image a category hangs on: a square hides one after another, and the answer is watched. Sees
 * what gradients do not, as it asks the model and not its slope; takes a forward pass for each place.
 *
 * @param image - `[1, H, W, C]` float32, preprocessed.
 * @throws TypeError if there is not one image; RangeError if the square does not fit, or there is no such category.
 */
export async function occlusion(
  model: Backbone,
  image: tf.Tensor4D,
  {category, value = 0, measure = 'probability', batchSize = 16, ...square}: OcclusionOptions,
): Promise<Occlusion> {
  checkShapes('occlusion', {image: [image, '1 H W C']});
  const [, height, width] = image.shape;
  const size = square.size ?? Math.max(1, Math.round(Math.min(height, width) / 8));
  const stride = square.stride ?? Math.max(1, Math.floor(size / 2));
  if (!(Number.isInteger(size) && size >= 1 && size <= Math.min(height, width)))
    throw new RangeError(`occlusion: size must be in [1, ${Math.min(height, width)}] pixels, got ${size}.`);
  if (!(Number.isInteger(stride) && stride >= 1))
    throw new RangeError(`occlusion: stride must be a whole number of 1 or more, got ${stride}.`);
  const rows = placesOf(height, size, stride);
  const columns = placesOf(width, size, stride);
  const corners = rows.flatMap(y => columns.map(x => [y, x] as const));

  const measured = (images: tf.Tensor4D): tf.Tensor1D => {
    const logits = evaluating(model, () => model.forward(images));
    if (!Number.isInteger(category) || category < 0 || category >= logits.shape[1])
      throw new RangeError(`occlusion: category must be in [0, ${logits.shape[1]}), got ${category}.`);
    const scores = measure === 'probability' ? tf.softmax(logits) : logits;
    return tf.reshape(tf.slice(scores, [0, category], [-1, 1]), [-1]);
  };
  const [whole] = await read(() => measured(image));
  const falls = new Float32Array(corners.length);
  for (let start = 0; start < corners.length; start += batchSize) {
    const part = corners.slice(start, start + batchSize);
    const values = await read(() => {
      const shown = tf.tensor4d(masksAt(part, height, width, size), [part.length, height, width, 1]);
      return measured(tf.add(tf.mul(image, shown), tf.mul(value, tf.sub(1, shown))));
    });
    values.forEach((left, i) => {
      falls[start + i] = whole - left;
    });
  }
  return {
    whole,
    falls: tf.tensor2d(falls, [rows.length, columns.length]),
    map: tf.tensor2d(meanOver(corners, falls, {height, width, size}), [height, width]),
  };
}

/** Steps of `stride`, and a last one that ends at the border. */
function placesOf(length: number, size: number, stride: number): number[] {
  const places = Array.from({length: Math.floor((length - size) / stride) + 1}, (_, i) => i * stride);
  if (places[places.length - 1] + size < length) places.push(length - size);
  return places;
}

type Corner = readonly [y: number, x: number];

function masksAt(corners: readonly Corner[], height: number, width: number, size: number): Float32Array {
  const shown = new Float32Array(corners.length * height * width).fill(1);
  corners.forEach(([top, left], i) => {
    for (let y = top; y < top + size; y++) {
      const row = (i * height + y) * width;
      shown.fill(0, row + left, row + left + size);
    }
  });
  return shown;
}

function meanOver(
  corners: readonly Corner[],
  falls: Float32Array,
  {height, width, size}: {height: number; width: number; size: number},
): Float32Array {
  const sums = new Float32Array(height * width);
  const counts = new Float32Array(height * width);
  corners.forEach(([top, left], i) => {
    for (let y = top; y < top + size; y++) {
      for (let x = left; x < left + size; x++) {
        sums[y * width + x] += falls[i];
        counts[y * width + x]++;
      }
    }
  });
  return sums.map((sum, i) => (counts[i] > 0 ? sum / counts[i] : 0));
}

async function read(f: () => tf.Tensor1D): Promise<Float32Array> {
  const values = tf.tidy(f);
  try {
    return (await values.data()) as Float32Array;
  } finally {
    values.dispose();
  }
}
