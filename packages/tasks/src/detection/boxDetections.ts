// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, section 3.1; thresholds as in torchvision.
import {batchedNms, clipBoxes, indicesWhere, untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {type BoxWeights, decodeBoxes} from './boxCoder.js';
import type {BoxPredictions} from './boxHead.js';
import type {NetworkDetections, PixelSize} from './detectionNetwork.js';
import {largeEnough} from './largeEnough.js';

export interface BoxDetectionOptions {
  /** Detections with this score or less are left out. */
  scoreThreshold: number;
  /** Overlap above which the worse of two boxes of a category goes. */
  nmsThreshold: number;
  /** The most that come out, the best. */
  limit: number;
  weights: BoxWeights;
}

/** Pixels, of the sides of a detection. */
const leastSide = 1e-2;

/**
 * The detections in one image: every category of every box is one of its own, until the better ones suppress it.
 *
 * @param predictions - Of R boxes of the image.
 * @param boxes - `[R, 4]` float32: these boxes.
 * @param size - Height and width of the image within the input; detections are cut there.
 */
export function boxDetections(
  {logits, offsets}: BoxPredictions,
  boxes: tf.Tensor2D,
  size: PixelSize,
  {scoreThreshold, nmsThreshold, limit, weights}: BoxDetectionOptions,
): NetworkDetections {
  return untaped(() => {
    const classes = logits.shape[1];
    const likely = tf.reshape(tf.slice(tf.softmax(logits), [0, 1]), [-1]) as tf.Tensor1D;
    // Only what scores is moved: one in a hundred.
    const chosen = indicesWhere(tf.greater(likely, scoreThreshold));
    const categories = tf.scalar(classes - 1, 'int32');
    const row = tf.floorDiv(chosen, categories) as tf.Tensor1D;
    const label = tf.sub(chosen, tf.mul(row, categories)) as tf.Tensor1D;
    const move = tf.add(tf.add(tf.mul(row, tf.scalar(classes, 'int32')), label), tf.scalar(1, 'int32'));
    const moves = tf.gather(tf.reshape(offsets, [-1, 4]), move as tf.Tensor1D) as tf.Tensor2D;
    const moved = clipBoxes(decodeBoxes(moves, tf.gather(boxes, row), weights), size);

    const fit = indicesWhere(largeEnough(moved, leastSide));
    const scores = tf.gather(tf.gather(likely, chosen), fit);
    const [fitting, labels] = [tf.gather(moved, fit), tf.gather(label, fit)];
    const kept = batchedNms(fitting, scores, labels, {iouThreshold: nmsThreshold});
    const best = tf.slice(kept, 0, Math.min(kept.size, limit));
    return {
      boxes: tf.gather(fitting, best),
      scores: tf.gather(scores, best),
      labels: tf.gather(labels, best),
    };
  });
}
