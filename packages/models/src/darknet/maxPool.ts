import {Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Darknet's size of a pooling: `padding` lies half before the image, and what is missing behind it. */
export const pooledSize = (input: number, size: number, stride: number, padding: number): number =>
  Math.floor((input + padding - size) / stride) + 1;

/** The largest value of each window, padded as darknet does: by `size − 1` in all, so that stride 1 keeps the size. */
export class DarknetMaxPool extends Module {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;

  constructor({size, stride, padding}: {size: number; stride: number; padding: number}) {
    super();
    this.size = size;
    this.stride = stride;
    this.padding = padding;
  }

  /** @param x - `[N, H, W, C]` float32. @returns `[N, H', W', C]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const {size, stride, padding} = this;
    const sides = ([1, 2] as const).map((axis): [number, number] => {
      const before = Math.floor(padding / 2);
      const windows = pooledSize(x.shape[axis], size, stride, padding);
      return [before, Math.max(0, (windows - 1) * stride + size - x.shape[axis] - before)];
    });
    return tf.maxPool(x, size, stride, [[0, 0], sides[0], sides[1], [0, 0]]);
  }
}
