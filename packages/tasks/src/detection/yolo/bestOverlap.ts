import {boxIou, untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Target} from '../detectionNetwork.js';

/**
 * How far each predicted box overlaps the object of its image that it overlaps most.
 *
 * @param boxes - `[N, P, 4]` float32, `[x1, y1, x2, y2]`.
 * @returns `[N · P]` float32 in [0, 1]; constant to the gradient.
 */
export function bestOverlap(boxes: tf.Tensor3D, targets: readonly Target[]): tf.Tensor1D {
  const [, perImage] = boxes.shape;
  return untaped(() =>
    tf.concat(
      targets.map((target, i) => {
        if (target.boxes.shape[0] === 0) return tf.zeros<tf.Rank.R1>([perImage]);
        const own = tf.reshape(tf.slice(boxes, [i, 0, 0], [1, -1, -1]), [perImage, 4]) as tf.Tensor2D;
        return tf.max<tf.Tensor1D>(boxIou(own, target.boxes), 1);
      }),
    ),
  );
}
