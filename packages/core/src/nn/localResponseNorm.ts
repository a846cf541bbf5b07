// Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012, section 3.3.
import type * as tf from '@tensorflow/tfjs-core';
import {type LocalResponseNormOptions, localResponseNorm} from '../ops/localResponseNorm.js';
import {Module} from './module.js';

/**
 * Divides each value by a power of the mean square over its neighbour channels. The defaults are AlexNet's, with
 * PyTorch's `alpha` (divided by the window); PyTorch's own default for `k` is 1.
 */
export class LocalResponseNorm extends Module {
  readonly options: LocalResponseNormOptions;

  constructor(options: LocalResponseNormOptions = {}) {
    super();
    this.options = options;
  }

  /** @param x - `[N, H, W, C]` float32. @returns The same shape. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return localResponseNorm(x, this.options);
  }
}
