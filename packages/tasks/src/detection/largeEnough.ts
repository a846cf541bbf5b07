import * as tf from '@tensorflow/tfjs-core';

/**
 * Whether both sides of a box have a length.
 *
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param least - Pixels.
 * @returns `[K]` bool; false where a coordinate is NaN.
 */
export function largeEnough(boxes: tf.Tensor2D, least: number): tf.Tensor1D {
  return tf.tidy(() => {
    const [low, high] = tf.split(boxes, 2, 1);
    return tf.all(tf.greaterEqual(tf.sub(high, low), least), 1);
  });
}
