// Yun et al., "CutMix", ICCV 2019, arXiv:1905.04899, section 3.1 and equations 1 and 2.
import type {Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {beta} from './beta.js';
import {checkAlpha, type MixBatch, roll} from './mixedBatch.js';

/**
 * Puts a rectangle of its neighbour into each image of a batch, at one place for the batch; the rectangle's share of the
 * area is drawn from Beta(alpha, alpha), less what reaches over the edge, as torchvision's recipes do.
 *
 * @param options - `alpha` above 0; 1 makes all shares equally likely. @defaultValue `{alpha: 1}`
 */
export function cutmix({alpha = 1}: {alpha?: number} = {}): MixBatch {
  checkAlpha('cutmix', alpha);
  return ({images, labels}, random) => {
    const [, height, width] = images.shape;
    const side = Math.sqrt(1 - beta(alpha, random));
    const [left, right] = interval(width, side, random);
    const [top, bottom] = interval(height, side, random);
    const mixed = tf.tidy(() => {
      // A border of ones around a patch of zeros: what stays.
      const patch = tf.zeros([1, bottom - top, right - left, 1]) as tf.Tensor4D;
      const stays = tf.pad4d(
        patch,
        [
          [0, 0],
          [top, height - bottom],
          [left, width - right],
          [0, 0],
        ],
        1,
      );
      return tf.add(tf.mul(images, stays), tf.mul(roll(images), tf.sub(1, stays))) as tf.Tensor4D;
    });
    const weight = 1 - ((right - left) * (bottom - top)) / (width * height);
    return {images: mixed, labels: tf.clone(labels), otherLabels: roll(labels), weight};
  };
}

/** A part of a side, `share` of its length, around a random pixel, cut at the edges. */
function interval(length: number, share: number, random: Random): [from: number, to: number] {
  const centre = random.int(length);
  const reach = Math.trunc(0.5 * share * length);
  return [Math.max(0, centre - reach), Math.min(length, centre + reach)];
}
