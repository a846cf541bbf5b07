// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, section 2.3; with the objects among the proposals, as in
// py-faster-rcnn.
import {untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {BalancedSampler} from './balancedSampler.js';
import type {Target} from './detectionNetwork.js';
import {matchBoxes} from './matcher.js';

/** Boxes of a batch to learn from: P that stand for an object first, then those that are background, R in all. */
export type RoiSamples = {
  /** `[R, 4]` float32, `[x1, y1, x2, y2]` in pixels of the input. */
  boxes: tf.Tensor2D;
  /** `[R]` int32: the image of each. */
  images: tf.Tensor1D;
  /** `[P]` int32: the category of the object. */
  labels: tf.Tensor1D;
  /** `[P, 4]` float32: the box of the object. */
  objects: tf.Tensor2D;
  /** `[P]` int32: the object's number in its image. */
  numbers: tf.Tensor1D;
  /** How many of the P are of each image; they stand in the images' order. */
  positives: number[];
};

export interface SampleRoisOptions {
  sampler: BalancedSampler;
  /** Overlap from which on a proposal stands for an object. */
  high: number;
  /** Overlap below which it is background. */
  low: number;
}

/**
 * Chooses proposals to learn from, in each image, after its objects were added to them. All are constants to the
 * gradient.
 *
 * @param proposals - `[K, 4]` float32 for each image.
 */
export function sampleRois(
  proposals: readonly tf.Tensor2D[],
  targets: readonly Target[],
  {sampler, high, low}: SampleRoisOptions,
): RoiSamples {
  return untaped(() => {
    const chosen = targets.map(({boxes: objects, labels}, image) => {
      const count = objects.shape[0];
      const boxes = count > 0 ? (tf.concat([proposals[image], objects]) as tf.Tensor2D) : proposals[image];
      const matches = matchBoxes(objects, boxes, {high, low});
      const {positive, negative} = sampler.forward(matches);
      const matched = tf.gather(matches, positive);
      return {
        positive: tf.gather(boxes, positive),
        negative: tf.gather(boxes, negative),
        labels: positive.size > 0 ? tf.gather(labels, matched) : noIndices(),
        objects: positive.size > 0 ? tf.gather(objects, matched) : tf.zeros<tf.Rank.R2>([0, 4]),
        numbers: matched,
      };
    });
    const [positive, negative] = [chosen.map(part => part.positive), chosen.map(part => part.negative)];
    return {
      boxes: tf.concat([...positive, ...negative]) as tf.Tensor2D,
      images: tf.concat([...imageNumbers(positive), ...imageNumbers(negative)]),
      labels: tf.concat(chosen.map(({labels}) => labels)),
      objects: tf.concat(chosen.map(({objects}) => objects)),
      numbers: tf.concat(chosen.map(({numbers}) => numbers)),
      positives: positive.map(({shape}) => shape[0]),
    };
  });
}

/** `[K]` int32 for the boxes of each image: its number in the batch. */
export const imageNumbers = (boxes: readonly tf.Tensor2D[]): tf.Tensor1D[] =>
  boxes.map(({shape: [count]}, image) => tf.fill([count], image, 'int32'));

const noIndices = () => tf.tensor1d([], 'int32');
