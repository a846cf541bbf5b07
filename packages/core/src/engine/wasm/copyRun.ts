import type * as tf from '@tensorflow/tfjs-core';

/** A view of any tensor in the library's memory. */
export type Values = tf.TypedArray;

/** Copies `length` values. A short run is cheaper value by value than as a view. */
export function copyRun(from: Values, fromStart: number, to: Values, toStart: number, length: number): void {
  if (length > 32) {
    to.set(from.subarray(fromStart, fromStart + length), toStart);
    return;
  }
  for (let i = 0; i < length; i++) to[toStart + i] = from[fromStart + i];
}
