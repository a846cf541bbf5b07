import {untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Target} from '../detectionNetwork.js';

/** The objects of a batch in one row. T is their number. */
export interface PackedTargets {
  /** `[T, 4]` float32, `[x1, y1, x2, y2]` in pixels of the input. */
  boxes: tf.Tensor2D;
  /** `[T]` int32. */
  labels: tf.Tensor1D;
  /** `[T]` int32: the image of each. */
  images: tf.Tensor1D;
  /** `[T]` float32: 1, or 0 for a box without area, which nothing can learn. */
  valid: tf.Tensor1D;
}

/** Lays the objects of all images in one row; the caller owns the tensors. */
export function packTargets(targets: readonly Target[]): PackedTargets {
  return untaped(() => {
    const some = targets.filter(({boxes}) => boxes.shape[0] > 0);
    if (some.length === 0) {
      return {
        boxes: tf.zeros<tf.Rank.R2>([0, 4]),
        labels: tf.zeros<tf.Rank.R1>([0], 'int32'),
        images: tf.zeros<tf.Rank.R1>([0], 'int32'),
        valid: tf.zeros<tf.Rank.R1>([0]),
      };
    }
    const boxes: tf.Tensor2D = tf.concat(some.map(target => target.boxes));
    const images = targets.flatMap((target, i) => new Array<number>(target.boxes.shape[0]).fill(i));
    const [low, high] = tf.split(boxes, 2, 1);
    return {
      boxes,
      labels: tf.concat(some.map(({labels}) => labels)) as tf.Tensor1D,
      images: tf.tensor1d(images, 'int32'),
      valid: tf.cast(tf.all(tf.greater(tf.sub(high, low), 0), 1), 'float32') as tf.Tensor1D,
    };
  });
}
