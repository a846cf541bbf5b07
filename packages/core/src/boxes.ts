// The convention of every box, written once: [x1, y1, x2, y2], float32, in pixels of the image, continuous. Pixel i
// spans i to i + 1, so a box's width is x2 − x1 and the whole image is [0, 0, width, height]. Another order exists only
// inside a function that is named for it.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from './shapes.js';

/**
 * The corners of boxes as centres and sizes. Differentiable.
 *
 * @param boxes - `[..., 4]` float32, `[x1, y1, x2, y2]`.
 * @returns `[..., 4]` float32, `[centre x, centre y, width, height]`.
 * @throws TypeError if the last axis is not 4.
 */
export function xyxyToCxcywh<T extends tf.Tensor>(boxes: T): T {
  return withColumns('xyxyToCxcywh', boxes, (x1, y1, x2, y2) => [
    tf.mul(tf.add(x1, x2), 0.5),
    tf.mul(tf.add(y1, y2), 0.5),
    tf.sub(x2, x1),
    tf.sub(y2, y1),
  ]);
}

/**
 * The inverse of {@link xyxyToCxcywh}. Differentiable.
 *
 * @param boxes - `[..., 4]` float32, `[centre x, centre y, width, height]`.
 * @returns `[..., 4]` float32, `[x1, y1, x2, y2]`.
 * @throws TypeError if the last axis is not 4.
 */
export function cxcywhToXyxy<T extends tf.Tensor>(boxes: T): T {
  return withColumns('cxcywhToXyxy', boxes, (x, y, width, height) => {
    const [right, down] = [tf.mul(width, 0.5), tf.mul(height, 0.5)];
    return [tf.sub(x, right), tf.sub(y, down), tf.add(x, right), tf.add(y, down)];
  });
}

/**
 * The order of TensorFlow's image functions. Its own inverse. Differentiable.
 *
 * @param boxes - `[..., 4]` float32, `[x1, y1, x2, y2]`.
 * @returns `[..., 4]` float32, `[y1, x1, y2, x2]`.
 * @throws TypeError if the last axis is not 4.
 */
export function xyxyToYxyx<T extends tf.Tensor>(boxes: T): T {
  return withColumns('xyxyToYxyx', boxes, (x1, y1, x2, y2) => [y1, x1, y2, x2]);
}

/**
 * Moves corners outside the image to its border: a box beyond the image becomes empty. Differentiable; a moved corner
 * gets no gradient.
 *
 * @param boxes - `[..., 4]` float32, `[x1, y1, x2, y2]`.
 * @param size - `[height, width]` of the image in pixels.
 * @returns Like `boxes`, x in `[0, width]` and y in `[0, height]`.
 * @throws TypeError if the last axis is not 4.
 */
export function clipBoxes<T extends tf.Tensor>(boxes: T, [height, width]: readonly [number, number]): T {
  checkShapes('clipBoxes', {boxes: [boxes, '... 4']});
  return tf.tidy(() => tf.minimum(tf.maximum(boxes, 0), tf.tensor1d([width, height, width, height])) as T);
}

/**
 * Width times height. Differentiable.
 *
 * @param boxes - `[..., 4]` float32, `[x1, y1, x2, y2]`; one whose corners are exchanged has a negative area.
 * @returns `[...]` float32, square pixels.
 * @throws TypeError if the last axis is not 4.
 */
export function boxArea(boxes: tf.Tensor2D): tf.Tensor1D;
export function boxArea(boxes: tf.Tensor): tf.Tensor;
export function boxArea(boxes: tf.Tensor): tf.Tensor {
  checkShapes('boxArea', {boxes: [boxes, '... 4']});
  return tf.tidy(() => {
    const [x1, y1, x2, y2] = tf.split(boxes, 4, -1);
    const areas = tf.mul(tf.sub(x2, x1), tf.sub(y2, y1));
    return tf.reshape(areas, boxes.shape.slice(0, -1));
  });
}

/** Computes columns from columns, each `[..., 1]`. */
function withColumns<T extends tf.Tensor>(
  name: string,
  boxes: T,
  map: (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) => tf.Tensor[],
): T {
  checkShapes(name, {boxes: [boxes, '... 4']});
  return tf.tidy(() => {
    const [a, b, c, d] = tf.split(boxes, 4, -1);
    return tf.concat(map(a, b, c, d), -1) as T;
  });
}
