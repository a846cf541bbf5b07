// Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018, arXiv:1710.09412, section 2.
import * as tf from '@tensorflow/tfjs-core';
import {beta} from './beta.js';
import {checkAlpha, type MixBatch, roll} from './mixedBatch.js';

/**
 * Blends each image of a batch with its neighbour; the share is drawn from Beta(alpha, alpha), once a batch, as
 * torchvision's recipes do. Images may be normalised before or after.
 *
 * @param options - `alpha` above 0: small values leave most images nearly as they are. @defaultValue `{alpha: 0.2}`
 */
export function mixup({alpha = 0.2}: {alpha?: number} = {}): MixBatch {
  checkAlpha('mixup', alpha);
  return ({images, labels}, random) => {
    const weight = beta(alpha, random);
    const mixed = tf.tidy(() => tf.add(tf.mul(images, weight), tf.mul(roll(images), 1 - weight)));
    return {images: mixed as tf.Tensor4D, labels: tf.clone(labels), otherLabels: roll(labels), weight};
  };
}
