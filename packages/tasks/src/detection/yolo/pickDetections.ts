import {batchedNms, indicesWhere, nonMaxSuppression, topKIndices, untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {NetworkDetections} from '../detectionNetwork.js';

export interface PickOptions {
  /** Boxes with this score or less are left out. */
  scoreThreshold: number;
  /** Overlap above which the worse of two boxes goes. */
  nmsThreshold: number;
  /**
   * `category`: a box makes a detection of each category that scores, and suppresses those of its own. `all`: of its
   * best category alone, and it suppresses those of any.
   */
  suppress: 'category' | 'all';
  /** The most that come out, the best. */
  limit: number;
}

/** Boxes that enter suppression, the best: its cost grows with their square. */
const candidates = 4096;

/**
 * The detections among the boxes of one image, the best first.
 *
 * @param boxes - `[P, 4]` float32, `[x1, y1, x2, y2]`.
 * @param scores - `[P, C]` float32 in [0, 1].
 */
export function pickDetections(
  boxes: tf.Tensor2D,
  scores: tf.Tensor2D,
  {scoreThreshold, nmsThreshold: iouThreshold, suppress, limit}: PickOptions,
): NetworkDetections {
  return untaped(() => {
    const categories = tf.scalar(scores.shape[1], 'int32');
    const flat = tf.reshape(suppress === 'all' ? bestOnly(scores) : scores, [-1]) as tf.Tensor1D;
    const above = indicesWhere(tf.greater(flat, scoreThreshold));
    const chosen = tf.gather(above, topKIndices(tf.gather(flat, above), candidates));
    const row = tf.floorDiv(chosen, categories) as tf.Tensor1D;
    const labels = tf.sub(chosen, tf.mul(row, categories)) as tf.Tensor1D;
    const [own, likely] = [tf.gather(boxes, row), tf.gather(flat, chosen)];
    const kept =
      suppress === 'all'
        ? nonMaxSuppression(own, likely, {iouThreshold})
        : batchedNms(own, likely, labels, {iouThreshold});
    const best = tf.slice(kept, 0, Math.min(kept.size, limit));
    return {boxes: tf.gather(own, best), scores: tf.gather(likely, best), labels: tf.gather(labels, best)};
  });
}

/** The highest score of each row; the others become −1. */
const bestOnly = (scores: tf.Tensor2D) =>
  tf.where(tf.equal(scores, tf.max(scores, 1, true)), scores, -1) as tf.Tensor2D;
