import * as tf from '@tensorflow/tfjs-core';
import {Module} from './module.js';
import {checkIntegers, type Pair, pair} from './pair.js';
import {checkPoolPadding, poolAxis} from './poolGeometry.js';
import {subsample} from './subsample.js';

export interface MaxPool2dOptions {
  /** Size of the windows in pixels, one number or `[height, width]`. */
  kernelSize: Pair;
  /** Steps between two windows. @defaultValue the size of the windows */
  stride?: Pair;
  /** Pixels of −∞ added on each side. @defaultValue 0 */
  padding?: Pair;
  /** Rounds the output size up, so that the last pixels are not left out. @defaultValue false */
  ceilMode?: boolean;
}

/** The largest value of each window. Its gradient goes to the first place where that value stands. */
export class MaxPool2d extends Module {
  readonly kernelSize: [number, number];
  readonly stride: [number, number];
  readonly padding: [number, number];
  readonly ceilMode: boolean;

  /** @throws RangeError if an option is out of range. */
  constructor({kernelSize, stride = kernelSize, padding = 0, ceilMode = false}: MaxPool2dOptions) {
    super();
    checkIntegers('MaxPool2d', {kernelSize, stride}, 1);
    checkIntegers('MaxPool2d', {padding}, 0);
    checkPoolPadding('MaxPool2d', pair(kernelSize), pair(padding));
    this.kernelSize = pair(kernelSize);
    this.stride = pair(stride);
    this.padding = pair(padding);
    this.ceilMode = ceilMode;
  }

  /** @param x - `[N, H, W, C]` float32. @returns `[N, H', W', C]`, of PyTorch's sizes. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const {kernelSize, stride, ceilMode} = this;
    if (kernelSize[0] === 1 && kernelSize[1] === 1) return subsample(x, stride);
    const [rows, columns] = ([0, 1] as const).map(axis =>
      poolAxis('MaxPool2d', x.shape[1 + axis], {
        kernel: kernelSize[axis],
        stride: stride[axis],
        padding: this.padding[axis],
        ceilMode,
      }),
    );
    // Exact padding, not a rounding mode: the gradient of tfjs forgets the mode.
    return tf.maxPool(x, kernelSize, stride, [
      [0, 0],
      [rows.before, Math.max(rows.after, 0)],
      [columns.before, Math.max(columns.after, 0)],
      [0, 0],
    ]);
  }
}
