// Ren et al., "Faster R-CNN", NIPS 2015, arXiv:1506.01497, section 3.1.2.
import {checkShapes} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** What {@link matchBoxes} gives where a candidate matches no object, and where it is too close to tell. */
export const noMatch = {background: -1, between: -2} as const;

export interface MatchOptions {
  /** Overlap from which on a candidate belongs to an object. */
  high: number;
  /** Overlap below which a candidate is background. */
  low: number;
  /** Whether the candidates that overlap an object the most belong to one, however little that is. @defaultValue false */
  keepBest?: boolean;
}

/**
 * Finds the object that each candidate box (an anchor or a proposal) stands for.
 *
 * @param overlaps - `[M, K]` float32, the intersection over union of M objects and K candidates; M is 1 or more.
 * @returns `[K]` int32: the number of the object, or one of {@link noMatch}.
 * @throws RangeError if there is no object.
 */
export function matchBoxes(overlaps: tf.Tensor2D, {high, low, keepBest = false}: MatchOptions): tf.Tensor1D {
  const {M} = checkShapes('matchBoxes', {overlaps: [overlaps, 'M K']});
  if (M === 0)
    throw new RangeError('matchBoxes: there is no object to match. All candidates are background.');
  return tf.tidy(() => {
    const most = tf.max<tf.Tensor1D>(overlaps, 0);
    const object = tf.argMax<tf.Tensor1D>(overlaps, 0);
    const constant = (value: number) => tf.fill(object.shape, value, 'int32') as tf.Tensor1D;
    const unsure = tf.where(tf.less(most, low), constant(noMatch.background), constant(noMatch.between));
    const belongs = tf.greaterEqual(most, high);
    if (!keepBest) return tf.where(belongs, object, unsure) as tf.Tensor1D;
    const best = tf.any(tf.equal(overlaps, tf.max(overlaps, 1, true)), 0);
    return tf.where(tf.logicalOr(belongs, best), object, unsure) as tf.Tensor1D;
  });
}
