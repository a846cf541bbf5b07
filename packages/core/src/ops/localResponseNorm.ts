// Local response normalization: Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural
// Networks", NIPS 2012, section 3.3.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

export const LocalResponseNorm = 'LocalResponseNorm';
export const LocalResponseNormGrad = 'LocalResponseNormGrad';
export type LocalResponseNormAttrs = {size: number; alpha: number; beta: number; k: number};

export interface LocalResponseNormOptions {
  /** Channels in the window. An even window reaches one further down than up. @defaultValue 5 */
  size?: number;
  /** Divided by `size`, as PyTorch does and the paper does not. @defaultValue 1e-4 */
  alpha?: number;
  /** @defaultValue 0.75 */
  beta?: number;
  /** @defaultValue 2 */
  k?: number;
}

/**
 * Divides each value by `(k + alpha / size · Σ x²) ^ beta`, summed over the neighbouring channels
 * `c − floor(size / 2) … c + floor((size − 1) / 2)` of the same pixel.
 *
 * Differentiable in `x`.
 *
 * @param x - `[N, H, W, C]` float32.
 * @returns Like `x`.
 * @throws TypeError if the shape is wrong; RangeError if `size` is.
 */
export function localResponseNorm(
  x: tf.Tensor4D,
  {size = 5, alpha = 1e-4, beta = 0.75, k = 2}: LocalResponseNormOptions = {},
): tf.Tensor4D {
  checkShapes('localResponseNorm', {x: [x, 'N H W C']});
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new RangeError(`localResponseNorm: size must be a number of channels, 1 or more, got ${size}.`);
  }
  const attrs: LocalResponseNormAttrs = {size, alpha, beta, k};
  return tf.engine().runKernel(LocalResponseNorm, {x}, attrs);
}

export const localResponseNormGradient: tf.GradConfig = {
  kernelName: LocalResponseNorm,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attrs) => ({
    x: () => tf.engine().runKernel(LocalResponseNormGrad, {dy: dy as tf.Tensor, x}, attrs),
  }),
};
