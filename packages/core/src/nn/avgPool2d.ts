import * as tf from '@tensorflow/tfjs-core';
import type {MaxPool2dOptions} from './maxPool2d.js';
import {Module} from './module.js';
import {checkIntegers, pair} from './pair.js';
import {checkPoolPadding, type PoolAxis, poolAxis} from './poolGeometry.js';
import {subsample} from './subsample.js';

export interface AvgPool2dOptions extends Omit<MaxPool2dOptions, 'padding'> {
  /** Zeros added on each side, one number or `[height, width]`. @defaultValue 0 */
  padding?: MaxPool2dOptions['padding'] & {};
  /** Whether those zeros count in the mean. @defaultValue true */
  countIncludePad?: boolean;
}

/** The mean of each window. */
export class AvgPool2d extends Module {
  readonly kernelSize: [number, number];
  readonly stride: [number, number];
  readonly padding: [number, number];
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  /** @throws RangeError if an option is out of range. */
  constructor({
    kernelSize,
    stride = kernelSize,
    padding = 0,
    ceilMode = false,
    countIncludePad = true,
  }: AvgPool2dOptions) {
    super();
    checkIntegers('AvgPool2d', {kernelSize, stride}, 1);
    checkIntegers('AvgPool2d', {padding}, 0);
    checkPoolPadding('AvgPool2d', pair(kernelSize), pair(padding));
    this.kernelSize = pair(kernelSize);
    this.stride = pair(stride);
    this.padding = pair(padding);
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  /** @param x - `[N, H, W, C]` float32. @returns `[N, H', W', C]`, of PyTorch's sizes. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const {kernelSize, stride, padding} = this;
    if (kernelSize[0] === 1 && kernelSize[1] === 1) return subsample(x, stride);
    const axes = ([0, 1] as const).map(axis => {
      const input = x.shape[1 + axis];
      const options = {
        kernel: kernelSize[axis],
        stride: stride[axis],
        padding: padding[axis],
        ceilMode: this.ceilMode,
      };
      const windows = poolAxis('AvgPool2d', input, options);
      return {windows, counts: this.#counts(input, axis, windows)};
    });
    return tf.tidy(() => {
      const [rows, columns] = axes.map(({windows}): [number, number] => [
        windows.before,
        Math.max(windows.after, 0),
      ]);
      const padded = [...rows, ...columns].some(Boolean) ? tf.pad(x, [[0, 0], rows, columns, [0, 0]]) : x;
      const mean = tf.avgPool(padded, kernelSize, stride, 'valid');
      // tfjs divides by all places of a window, so windows of which some do not count are scaled up.
      const [height, width] = axes.map(({counts}) => counts);
      const area = kernelSize[0] * kernelSize[1];
      const scale = height.flatMap(h => width.map(w => area / (h * w)));
      if (scale.every(factor => factor === 1)) return mean;
      return tf.mul(mean, tf.tensor4d(scale, [1, height.length, width.length, 1]));
    });
  }

  /** How many places of each window count along one axis. */
  #counts(input: number, axis: 0 | 1, {size, before}: PoolAxis): number[] {
    const margin = this.countIncludePad ? this.padding[axis] : 0;
    return Array.from({length: size}, (_, i) => {
      const start = i * this.stride[axis] - before;
      const end = start + this.kernelSize[axis];
      return Math.min(end, input + margin) - Math.max(start, -margin);
    });
  }
}
