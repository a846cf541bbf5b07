import type {YoloLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {Target} from '../../../src/detection/detectionNetwork.js';

/** A head of two anchors and two categories, by overlap. */
export const layer: YoloLayer = {
  type: 'yolo',
  line: 1,
  classes: 2,
  anchors: [
    [10, 20],
    [30, 15],
    [60, 60],
  ],
  mask: [0, 1],
  ignoreThresh: 0.5,
  iouThresh: 1,
  scaleXY: 1,
  boxLoss: 'ciou',
  iouNormalizer: 1,
  classNormalizer: 1,
  objectNormalizer: 1,
  labelSmoothing: 0,
  betaNms: 0.6,
};

export const target = (boxes: number[][], labels: number[]): Target => ({
  boxes: tf.tensor2d(boxes.flat(), [boxes.length, 4]),
  labels: tf.tensor1d(labels, 'int32'),
});

export const logit = (chance: number) => Math.log(chance / (1 - chance));

/** Numbers in [−1, 1), the same in every run. */
export const noise = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed = 1) =>
  tf.randomUniform<R>(shape, -1, 1, 'float32', seed);
