// He et al., "Mask R-CNN", ICCV 2017, arXiv:1703.06870, section 3: the average binary cross-entropy of the mask of the
// true category, over boxes that stand for an object.
import {roiAlign, sigmoidCrossEntropy, untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize, Target} from '../detection/detectionNetwork.js';
import type {RoiSamples} from '../detection/sampleRois.js';

/**
 * Differentiable in `logits`.
 *
 * @param logits - `[P, M, M]` float32, of the mask of each box's category; P is 1 or more.
 * @param samples - The boxes, P of which stand for an object.
 * @param targets - With masks.
 * @param sizes - Height and width of each image within the input; a mask ends there.
 */
export function maskLoss(
  logits: tf.Tensor3D,
  {boxes, numbers, positives}: RoiSamples,
  targets: readonly Target[],
  sizes: readonly PixelSize[],
): tf.Scalar {
  const [, height, width] = logits.shape;
  const options = {outputSize: [height, width] as [number, number], spatialScale: 1, aligned: false};
  return tf.tidy(() => {
    const truth = untaped(() => {
      let start = 0;
      const parts = positives.flatMap((count, image) => {
        const [own, ofObject] = [tf.slice(boxes, start, count), tf.slice(numbers, start, count)];
        start += count;
        if (count === 0) return [];
        const masks = tf.slice(targets[image].masks!, [0, 0, 0], [-1, ...sizes[image]]);
        return [roiAlign(tf.expandDims(masks, 3), own, ofObject, options)];
      });
      return tf.reshape(tf.concat(parts), [-1]);
    });
    return sigmoidCrossEntropy(tf.reshape(logits, [-1]), truth, {reduction: 'mean'}) as tf.Scalar;
  });
}
