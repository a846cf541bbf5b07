import {untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The cell of each box of a grid, row by row and in each cell one box after the other: the order of a map
 * `[H, W, boxes · …]` laid out in one row.
 *
 * @returns `[H · W · boxes, 2]` float32: column and row, from 0; constant to the gradient.
 */
export function gridCells(height: number, width: number, boxes: number): tf.Tensor2D {
  return untaped(() => {
    const axis = (length: number, shape: number[]) =>
      tf.mul(tf.reshape(tf.range(0, length), shape), tf.ones([height, width, boxes, 1]));
    const cells = tf.concat([axis(width, [1, width, 1, 1]), axis(height, [height, 1, 1, 1])], 3);
    return tf.reshape(cells, [-1, 2]) as tf.Tensor2D;
  });
}
