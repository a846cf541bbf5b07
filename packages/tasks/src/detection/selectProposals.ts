// Ren et al., "Faster R-CNN", NIPS 2015, arXiv:1506.01497, section 3.3; level by level: arXiv:1612.03144, section 4.1.
import {batchedNms, clipBoxes, indicesWhere, topKIndices} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {type BoxWeights, decodeBoxes} from './boxCoder.js';
import type {PixelSize} from './detectionNetwork.js';
import {largeEnough} from './largeEnough.js';

/** What a network of proposals says about the anchors of one image. */
export interface ImageAnchorScores {
  /** `[A, 4]` float32, `[x1, y1, x2, y2]` in pixels of the input. */
  anchors: tf.Tensor2D;
  /** Anchors of each level. */
  perLevel: readonly number[];
  /** `[A]` float32, before the sigmoid. */
  logits: tf.Tensor1D;
  /** `[A, 4]` float32: `[dx, dy, dw, dh]`. */
  offsets: tf.Tensor2D;
}

export interface SelectProposalsOptions {
  /** Boxes of each level that go into non-maximum suppression, the best. */
  beforeNms: number;
  /** Boxes that come out. */
  afterNms: number;
  /** Overlap above which the worse of two boxes of a level goes. */
  nmsThreshold: number;
  /** Boxes with a lower chance to hold an object are left out. */
  scoreThreshold: number;
}

/** How offsets of proposals are scaled: not at all. */
export const proposalWeights: BoxWeights = [1, 1, 1, 1];
/** Pixels, of the sides of a proposal. */
const leastSide = 1e-3;

/**
 * The best boxes of an image, the most promising first.
 *
 * @param size - Height and width of the image within the input; boxes are cut there.
 * @returns `[K, 4]` float32, `[x1, y1, x2, y2]`.
 */
export function selectProposals(
  {anchors, perLevel, logits, offsets}: ImageAnchorScores,
  size: PixelSize,
  {beforeNms, afterNms, nmsThreshold, scoreThreshold}: SelectProposalsOptions,
): tf.Tensor2D {
  return tf.tidy(() => {
    let start = 0;
    const best = perLevel.map(count => {
      const indices = topKIndices(tf.slice(logits, start, count), beforeNms);
      const numbered = tf.add(indices, tf.scalar(start, 'int32')) as tf.Tensor1D;
      start += count;
      return numbered;
    });
    const levels = best.map(({shape}, level) => tf.fill(shape, level, 'int32') as tf.Tensor1D);
    const chosen = tf.concat(best);
    const scores = tf.sigmoid(tf.gather(logits, chosen));
    const moved = decodeBoxes(tf.gather(offsets, chosen), tf.gather(anchors, chosen), proposalWeights);
    const boxes = clipBoxes(moved, size);
    const fit = indicesWhere(
      tf.logicalAnd(largeEnough(boxes, leastSide), tf.greaterEqual(scores, scoreThreshold)) as tf.Tensor1D,
    );
    const kept = batchedNms(
      tf.gather(boxes, fit),
      tf.gather(scores, fit),
      tf.gather(tf.concat(levels), fit),
      {
        iouThreshold: nmsThreshold,
      },
    );
    const first = tf.slice(kept, 0, Math.min(kept.size, afterNms));
    return tf.gather(boxes, tf.gather(fit, first));
  });
}
