import {untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Assignment} from './assignAnchors.js';
import type {PackedTargets} from './packTargets.js';

/**
 * The categories that each assigned box shall give a high score: several, where it learns several objects.
 *
 * @param smoothing - The share that all categories have of the truth. @defaultValue 0
 * @returns `[Q, classes]` float32 in [0, 1]; constant to the gradient.
 */
export function categoryTargets(
  {labels}: PackedTargets,
  {rows, weights, objects, positive}: Assignment,
  classes: number,
  smoothing = 0,
): tf.Tensor2D {
  return untaped(() => {
    // Cast after: WebAssembly's one-hot writes integers whatever the dtype.
    const own = tf.cast(tf.oneHot(tf.gather(labels, objects), classes), 'float32');
    const learnt = tf.mul(own, tf.reshape(tf.cast(tf.greater(weights, 0), 'float32'), [-1, 1]));
    const ofBox = tf.gather(tf.unsortedSegmentSum(learnt, rows, positive.size), rows);
    const wanted = tf.minimum(ofBox, 1);
    if (smoothing === 0) return wanted as tf.Tensor2D;
    return tf.add(tf.mul(wanted, 1 - smoothing), smoothing / 2) as tf.Tensor2D;
  });
}
