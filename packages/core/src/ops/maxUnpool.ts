// Pooling with switches, and unpooling by them: Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks",
// ECCV 2014, arXiv:1311.2901, section 2.1; Noh et al., "Learning Deconvolution Network for Semantic Segmentation", ICCV
// 2015, arXiv:1505.04366, section 3.2.1.
import * as tf from '@tensorflow/tfjs-core';
import type {MaxPool2dOptions} from '../nn/maxPool2d.js';
import {checkIntegers, pair} from '../nn/pair.js';
import {checkPoolPadding, poolAxis} from '../nn/poolGeometry.js';
import {checkShapes} from '../shapes.js';

export const MaxPoolSwitches = 'MaxPoolSwitches';
export const MaxPoolSwitchesGrad = 'MaxPoolSwitchesGrad';
export const MaxUnpool = 'MaxUnpool';
export const MaxUnpoolGrad = 'MaxUnpoolGrad';

type Shape4D = [number, number, number, number];
export type MaxPoolSwitchesAttrs = {
  kernelSize: [number, number];
  strides: [number, number];
  /** `[height, width]`, on either side. */
  padding: [number, number];
  ceilMode: boolean;
  inputShape: Shape4D;
  outputSize: [number, number];
};
export type MaxUnpoolAttrs = {size: [number, number]};

/**
 * The largest value of each window, and where it stood: the first place, row by row, if it stands in several.
 * Differentiable in `x`, through the values. On CUDA the backward pass of overlapping windows adds with atomics, so its
 * last bits differ from run to run.
 *
 * @param x - `[N, H, W, C]` float32.
 * @returns `values`, `[N, H', W', C]` float32, and `indices`, of the same shape, int32 in `[0, H·W)`: the pixel of the
 * same image and channel, `row · W + column`, as PyTorch counts them.
 * @throws TypeError if the shape is wrong; RangeError if an option is, or if no window fits.
 */
export function maxPoolWithIndices(
  x: tf.Tensor4D,
  {kernelSize, stride = kernelSize, padding = 0, ceilMode = false}: MaxPool2dOptions,
): {values: tf.Tensor4D; indices: tf.Tensor4D} {
  const op = 'maxPoolWithIndices';
  checkShapes(op, {x: [x, 'N H W C']});
  checkIntegers(op, {kernelSize, stride}, 1);
  checkIntegers(op, {padding}, 0);
  const [kernel, strides, around] = [pair(kernelSize), pair(stride), pair(padding)];
  checkPoolPadding(op, kernel, around);
  const outputSize = [0, 1].map(
    axis =>
      poolAxis(op, x.shape[1 + axis], {
        kernel: kernel[axis],
        stride: strides[axis],
        padding: around[axis],
        ceilMode,
      }).size,
  ) as [number, number];
  const geometry = {kernelSize: kernel, strides, padding: around, ceilMode};
  const attrs: MaxPoolSwitchesAttrs = {...geometry, inputShape: x.shape, outputSize};
  const [values, indices] = tf.engine().runKernel<tf.Tensor[]>(MaxPoolSwitches, {x}, attrs);
  return {values: values as tf.Tensor4D, indices: indices as tf.Tensor4D};
}

export const maxPoolSwitchesGradient: tf.GradConfig = {
  kernelName: MaxPoolSwitches,
  outputsToSave: [false, true],
  gradFunc(dys, [indices], attrs) {
    const dy = (dys as unknown as tf.Tensor[])[0];
    return {x: () => tf.engine().runKernel(MaxPoolSwitchesGrad, {dy, indices}, attrs)};
  },
};

/**
 * Puts each value where {@link maxPoolWithIndices} found it, among zeros. Where windows overlapped and several values
 * belong into one place, one of them stands there. Differentiable in `values`.
 *
 * @param values - `[N, h, w, C]` float32.
 * @param indices - `[N, h, w, C]` int32 in `[0, H·W)`, as {@link maxPoolWithIndices} gives them.
 * @param size - `[H, W]` of the output.
 * @returns `[N, H, W, C]` float32.
 * @throws TypeError if a shape is wrong; an Error if an index is beyond the output (on a CPU).
 */
export function maxUnpool(
  values: tf.Tensor4D,
  indices: tf.Tensor4D,
  size: readonly [height: number, width: number],
): tf.Tensor4D {
  checkShapes(
    'maxUnpool',
    {values: [values, 'N h w C'], indices: [indices, 'N h w C', 'int32']},
    'Take the indices that maxPoolWithIndices gave for the same maps.',
  );
  checkIntegers('maxUnpool', {size}, 1);
  const attrs: MaxUnpoolAttrs = {size: [size[0], size[1]]};
  return tf.engine().runKernel(MaxUnpool, {values, indices}, attrs);
}

export const maxUnpoolGradient: tf.GradConfig = {
  kernelName: MaxUnpool,
  inputsToSave: ['indices'],
  gradFunc(dy, [indices]) {
    return {
      values: () => tf.engine().runKernel(MaxUnpoolGrad, {dy: dy as tf.Tensor, indices}),
      indices: () => tf.zeros(indices.shape), // tfjs throws if an input on the tape is left out
    };
  },
};
