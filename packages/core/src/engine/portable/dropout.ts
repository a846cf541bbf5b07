import * as tf from '@tensorflow/tfjs-core';
import {Dropout, type DropoutAttrs} from '../../ops/dropout.js';
import {philox} from './philox.js';
import {portableKernel} from './portableKernel.js';

export const dropout = portableKernel<{x: tf.Tensor}, DropoutAttrs>(Dropout, ({x}, {rate, seed}) =>
  tf.tidy(() => {
    if (rate === 1) return tf.zerosLike(x);
    return tf.mul(x, tf.tensor(dropoutMask(x.size, rate, seed), x.shape));
  }),
);

/** 0 where a value is dropped, `1 / (1 − rate)` where it stays. */
export function dropoutMask(size: number, rate: number, seed: number): Float32Array {
  const mask = new Float32Array(size);
  const threshold = rate * 2 ** 32;
  const scale = 1 / (1 - rate);
  const counter = new Uint32Array(4);
  const key = new Uint32Array([seed, 0]);
  const words = new Uint32Array(4);
  for (let i = 0; i < size; i++) {
    if ((i & 3) === 0) {
      counter[0] = i >>> 2;
      philox(counter, key, words);
    }
    if (words[i & 3] >= threshold) mask[i] = scale;
  }
  return mask;
}
