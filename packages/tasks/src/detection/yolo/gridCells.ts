import * as tf from '@tensorflow/tfjs-core';

/**
 * The cell of each box of a grid, row by row and in each cell one box after the other: the order of a map
 * `[H, W, boxes · …]` laid out in one row.
 *
 * @returns `[H · W · boxes, 2]` float32: column and row, from 0; constant to the gradient.
 */
export function gridCells(height: number, width: number, boxes: number): tf.Tensor2D {
  const cells = new Float32Array(height * width * boxes * 2);
  for (let i = 0, at = 0; i < height * width; i++) {
    for (let box = 0; box < boxes; box++) {
      cells[at++] = i % width;
      cells[at++] = Math.floor(i / width);
    }
  }
  return tf.tensor2d(cells, [height * width * boxes, 2]);
}
