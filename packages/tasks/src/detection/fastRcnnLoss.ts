// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, section 2.3, equations 1 to 3.
import {smoothL1Loss, softmaxCrossEntropy, untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {type BoxWeights, encodeBoxes} from './boxCoder.js';
import type {BoxPredictions} from './boxHead.js';
import type {RoiSamples} from './sampleRois.js';

/**
 * How well boxes are named and moved: the cross-entropy of all, and the smooth L1 distance (β 1/9) of those that stand
 * for an object, for its category, both by the number of all. Differentiable in the predictions.
 */
export function fastRcnnLoss(
  {logits, offsets}: BoxPredictions,
  {boxes, labels, objects}: RoiSamples,
  weights: BoxWeights,
): {category: tf.Scalar; box: tf.Scalar} {
  const [count, classes] = logits.shape;
  if (count === 0) return {category: tf.scalar(0), box: tf.scalar(0)};
  return tf.tidy(() => {
    const positives = labels.size;
    const truth = untaped(() => {
      const one = tf.scalar(1, 'int32');
      const background = tf.fill([count - positives], 0, 'int32') as tf.Tensor1D;
      const named = tf.add(labels, one) as tf.Tensor1D;
      return {
        classes: tf.concat([named, background]),
        // The row of the category among the moves of all categories.
        rows: tf.add(tf.mul(tf.range(0, positives, 1, 'int32'), tf.scalar(classes, 'int32')), named),
        moves: encodeBoxes(objects, tf.slice(boxes, 0, positives), weights),
      };
    });
    const category = softmaxCrossEntropy(logits, truth.classes);
    if (positives === 0) return {category, box: tf.scalar(0)};
    const said = tf.gather(tf.reshape(offsets, [-1, 4]), truth.rows as tf.Tensor1D) as tf.Tensor2D;
    const distance = smoothL1Loss(said, truth.moves, {beta: 1 / 9, reduction: 'sum'});
    return {category, box: tf.div(distance, count) as tf.Scalar};
  });
}
