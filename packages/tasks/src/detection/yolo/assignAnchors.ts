// Redmon & Farhadi, "YOLOv3", arXiv:1804.02767, section 2.1; several anchors an object as in YOLOv4, arXiv:2004.10934.
import {untaped, xyxyToCxcywh} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize} from '../detectionNetwork.js';
import type {PackedTargets} from './packTargets.js';

export interface AssignOptions {
  /** `[width, height]` in pixels, all anchors of the network. */
  anchors: readonly (readonly [number, number])[];
  /** Which of them the head has. */
  mask: readonly number[];
  /** From this overlap of shapes, further anchors learn an object, too; 1 for only the best. */
  iouThreshold: number;
}

/** Which boxes of a head learn which objects. Q is the number of objects times that of the head's anchors. */
export type Assignment = {
  /** `[Q]` int32: the box, as a row of the head's output `[N · h · w · mask, …]`. */
  rows: tf.Tensor1D;
  /** `[Q]` float32: 1 where the box learns the object, shared where it learns several; else 0. */
  weights: tf.Tensor1D;
  /** `[Q, 2]` float32: column and row of the cell. */
  cells: tf.Tensor2D;
  /** `[Q, 2]` float32: the anchor. */
  anchors: tf.Tensor2D;
  /** `[Q]` int32: the object. */
  objects: tf.Tensor1D;
  /** `[N · h · w · mask]` float32, 0 or 1: whether a box learns anything. */
  positive: tf.Tensor1D;
};

/**
 * An object is learnt by the cell that its centre lies in, and there by the anchor whose shape is most like it; where
 * that is another head's, by none here. All pairs are kept, with weight 0 where nothing is learnt: so shapes do not
 * depend on values, and a GPU need not be waited for.
 *
 * @param grid - `[N, h, w]` of the head.
 * @param input - Height and width of the network's input in pixels.
 */
export function assignAnchors(
  {boxes, images, valid}: PackedTargets,
  [n, height, width]: readonly [number, number, number],
  input: PixelSize,
  {anchors, mask, iouThreshold}: AssignOptions,
): Assignment {
  return untaped(() => {
    if (boxes.shape[0] === 0) return nothing(n * height * width * mask.length);
    const own = tf.tensor1d([...mask], 'int32');
    const all = tf.tensor2d(anchors.map(anchor => [...anchor]));
    const [count, perCell] = [boxes.shape[0], mask.length];
    const [centre, size] = tf.split(xyxyToCxcywh(boxes), 2, 1);

    const overlap = shapeOverlap(size as tf.Tensor2D, all);
    // Cast after: WebAssembly's one-hot writes integers whatever the dtype.
    const best = tf.cast(tf.oneHot(tf.argMax(overlap, 1) as tf.Tensor1D, anchors.length), 'float32');
    const more = tf.cast(tf.greater(overlap, iouThreshold), 'float32');
    const learns = tf.gather(tf.maximum(best, more), own, 1);

    const cell = tf.floor(tf.div(centre, tf.tensor1d([input[1] / width, input[0] / height])));
    const inside = tf.minimum(tf.maximum(cell, 0), tf.tensor1d([width - 1, height - 1]));
    const [column, row] = tf.split(tf.cast(inside, 'int32'), 2, 1);
    const int = (value: number) => tf.scalar(value, 'int32');
    const line = tf.add(tf.mul(tf.reshape(images, [-1, 1]), int(height)), row);
    const place = tf.add(tf.mul(line, int(width)), column);
    const slots = tf.reshape(tf.range(0, perCell, 1, 'int32'), [1, -1]);
    const rows = tf.reshape(tf.add(tf.mul(place, int(perCell)), slots), [-1]) as tf.Tensor1D;

    const learned = tf.reshape(tf.mul(learns, tf.reshape(valid, [-1, 1])), [-1]) as tf.Tensor1D;
    const total = tf.unsortedSegmentSum(learned, rows, n * height * width * perCell);
    const each = (x: tf.Tensor) =>
      tf.reshape(tf.mul(tf.reshape(x, [count, 1, 2]), tf.ones([1, perCell, 1])), [-1, 2]) as tf.Tensor2D;
    const objects = tf.mul(tf.reshape(tf.range(0, count, 1, 'int32'), [-1, 1]), tf.onesLike(slots));
    return {
      rows,
      weights: tf.div(learned, tf.maximum(tf.gather(total, rows), 1)) as tf.Tensor1D,
      cells: each(inside),
      anchors: tf.tile(tf.gather(all, own), [count, 1]) as tf.Tensor2D,
      objects: tf.reshape(objects, [-1]) as tf.Tensor1D,
      positive: tf.minimum(total, 1) as tf.Tensor1D,
    };
  });
}

/** Intersection over union of boxes and anchors laid on one centre. `[T, 2]` and `[A, 2]` to `[T, A]`. */
function shapeOverlap(sizes: tf.Tensor2D, anchors: tf.Tensor2D): tf.Tensor2D {
  const [width, height] = tf.split(sizes, 2, 1);
  const [anchorWidth, anchorHeight] = tf.split(tf.transpose(anchors), 2, 0);
  const both = tf.mul(tf.minimum(width, anchorWidth), tf.minimum(height, anchorHeight));
  const union = tf.sub(tf.add(tf.mul(width, height), tf.mul(anchorWidth, anchorHeight)), both);
  return tf.div(both, tf.maximum(union, 1e-9)) as tf.Tensor2D;
}

/** No object, so no pair. */
const nothing = (boxes: number): Assignment => ({
  rows: tf.zeros([0], 'int32'),
  weights: tf.zeros([0]),
  cells: tf.zeros([0, 2]),
  anchors: tf.zeros([0, 2]),
  objects: tf.zeros([0], 'int32'),
  positive: tf.zeros([boxes]),
});
