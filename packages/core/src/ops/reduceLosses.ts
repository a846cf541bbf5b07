import * as tf from '@tensorflow/tfjs-core';
import type {Reduction} from './softmaxCrossEntropy.js';

/** One loss of many, as `reduction` says; the mean of none is 0, so that an image without objects costs nothing. */
export function reduceLosses<R extends Reduction = 'mean'>(
  losses: tf.Tensor,
  reduction: R | undefined,
): R extends 'none' ? tf.Tensor : tf.Scalar {
  const chosen: Reduction = reduction ?? 'mean';
  const reduced = {
    none: () => losses,
    sum: () => tf.sum(losses),
    mean: () => tf.div(tf.sum(losses), Math.max(losses.size, 1)),
  }[chosen]();
  return reduced as R extends 'none' ? tf.Tensor : tf.Scalar;
}
