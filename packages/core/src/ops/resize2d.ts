// Interpolation as PyTorch's F.interpolate defines it.
import * as tf from '@tensorflow/tfjs-core';
import {checkIntegers} from '../nn/pair.js';
import {checkShapes} from '../shapes.js';

export const Resize2d = 'Resize2d';
export const Resize2dGrad = 'Resize2dGrad';
export type Resize2dAttrs = Required<Resize2dOptions>;
export type Resize2dGradAttrs = Resize2dAttrs & {shape: [number, number, number, number]};

export interface Resize2dOptions {
  /** `[height, width]` that come out. */
  size: readonly [number, number];
  /** @defaultValue 'bilinear' */
  method?: 'bilinear' | 'nearest';
  /**
   * Whether the centres of the corner pixels stay in place, or the corners of the image do (PyTorch's, OpenCV's and
   * Pillow's habit). Only for `bilinear`. @defaultValue false
   */
  alignCorners?: boolean;
}

/**
 * Stretches images or maps to another size, without a filter against aliasing: `F.interpolate` to the last rounding.
 * Differentiable in `x`. On CUDA the backward pass adds with atomics, so its last bits differ from run to run.
 *
 * @param x - `[N, H, W, C]` float32.
 * @returns `[N, size[0], size[1], C]` float32.
 * @throws TypeError if the shape is wrong; RangeError if an option is, or if an image has no pixels.
 */
export function resize2d(
  x: tf.Tensor4D,
  {size, method = 'bilinear', alignCorners = false}: Resize2dOptions,
): tf.Tensor4D {
  const {H, W} = checkShapes('resize2d', {x: [x, 'N H W C']}, 'Add an axis for the batch to a single image.');
  checkIntegers('resize2d', {size}, 1);
  if (H === 0 || W === 0) throw new RangeError(`resize2d: an image of ${H} × ${W} has no pixels to stretch.`);
  if (method !== 'bilinear' && method !== 'nearest') {
    throw new RangeError(`resize2d: method must be 'bilinear' or 'nearest', got ${JSON.stringify(method)}.`);
  }
  if (method === 'nearest' && alignCorners) {
    throw new RangeError("resize2d: alignCorners has no meaning for 'nearest'. Leave it out.");
  }
  const attrs: Resize2dAttrs = {size: [size[0], size[1]], method, alignCorners};
  return tf.engine().runKernel(Resize2d, {x}, attrs as unknown as tf.NamedAttrMap);
}

export const resize2dGradient: tf.GradConfig = {
  kernelName: Resize2d,
  inputsToSave: ['x'],
  gradFunc(dy, [x], attrs) {
    const shape = {...attrs, shape: x.shape};
    return {x: () => tf.engine().runKernel(Resize2dGrad, {dy: dy as tf.Tensor}, shape)};
  },
};
