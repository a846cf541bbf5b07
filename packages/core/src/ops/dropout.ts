// Dropout: Srivastava et al., JMLR 15, 2014, section 4, in the inverted form that needs no scaling at test time.
// The random bits: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 3.3 (Philox).
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

export const Dropout = 'Dropout';

export interface DropoutOptions {
  /** The share of values to drop, in [0, 1]. */
  rate: number;
  /** An integer in [0, 2³²): the same seed drops the same positions, on every engine. */
  seed: number;
}
export type DropoutAttrs = {rate: number; seed: number};

/**
 * Sets each value to zero with probability `rate` and scales the others by `1 / (1 − rate)`.
 *
 * Value i is kept where word `i & 3` of philox4x32-10 with key `(seed, 0)` and counter `(i >> 2, 0, 0, 0)` is at
 * least `rate · 2³²`. Differentiable in `x`: the gradient is dropped by the same mask, which is made again rather
 * than kept.
 *
 * @param x - Any shape, float32.
 * @returns Like `x`.
 * @throws TypeError if the dtype is wrong; RangeError if `rate` or `seed` is.
 */
export function dropout<T extends tf.Tensor>(x: T, {rate, seed}: DropoutOptions): T {
  checkShapes('dropout', {x: [x, '...']});
  if (!(rate >= 0 && rate <= 1)) {
    throw new RangeError(
      `dropout: rate must be in [0, 1], got ${rate}. It is the share to drop, not to keep.`,
    );
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new RangeError(
      `dropout: seed must be an integer in [0, 2^32), got ${seed}. Draw it with Random.uint32().`,
    );
  }
  const attrs: DropoutAttrs = {rate, seed};
  return tf.engine().runKernel(Dropout, {x}, attrs) as T;
}

export const dropoutGradient: tf.GradConfig = {
  kernelName: Dropout,
  gradFunc: (dy, _saved, attrs) => ({x: () => tf.engine().runKernel(Dropout, {x: dy as tf.Tensor}, attrs)}),
};
