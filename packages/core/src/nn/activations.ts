import * as tf from '@tensorflow/tfjs-core';
import {reluGradient} from '../ops/reluGradient.js';
import type {ConvolutionEnd} from './conv2d.js';
import type {EndsConvolution} from './convolutionEnds.js';
import {Module} from './module.js';
import {checkIntegers} from './pair.js';
import {parameter} from './parameter.js';

/** `1 / (1 + e⁻ˣ)`: in (0, 1); saturates on both sides, and its values are all positive. */
export class Sigmoid extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.sigmoid(x);
  }
}

/** Hyperbolic tangent: in (−1, 1), centred on zero; saturates on both sides. */
export class Tanh extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.tanh(x);
  }
}

/** `max(0, x)`: cheap, and never saturates above; a unit that is negative for every input has died. */
export class Relu extends Module implements EndsConvolution {
  forward<T extends tf.Tensor>(x: T): T {
    return rectified(x) as T;
  }

  convolutionEnd(): ConvolutionEnd {
    return {activation: 'relu'};
  }
}

/** For the gradient it keeps what comes out, which the next layer keeps anyway, where `tf.relu` keeps what goes in. */
const rectified = tf.customGrad((...args) => {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
  const y = tf.relu(x);
  save([y]);
  return {value: y, gradFunc: (dy, [y]) => reluGradient(dy, y)};
});

/** `x`, or `slope · x` below zero, so that no unit dies. */
export class LeakyRelu extends Module {
  readonly slope: number;

  /** @param slope - 0.01 in most papers, 0.1 in Darknet. @defaultValue 0.01 */
  constructor(slope = 0.01) {
    super();
    this.slope = slope;
  }

  forward<T extends tf.Tensor>(x: T): T {
    return tf.leakyRelu(x, this.slope);
  }
}

/**
 * `x`, or `weight · x` below zero, where `weight` `[channels]` is learned (He et al., arXiv:1502.01852, section 2.1).
 * Do not let weight decay pull it towards ReLU.
 */
export class PRelu extends Module {
  readonly weight: tf.Variable<tf.Rank.R1>;

  /**
   * @param channels - A slope for each channel, or 1 for one that all share. @defaultValue 1
   * @param slope - To start from. @defaultValue 0.25
   */
  constructor(channels = 1, slope = 0.25) {
    super();
    checkIntegers('PRelu', {channels}, 1);
    this.weight = parameter(tf.fill([channels], slope));
  }

  /** @param x - `[..., channels]` float32. */
  forward<T extends tf.Tensor>(x: T): T {
    const slopes = this.weight.size;
    if (slopes !== 1 && slopes !== x.shape.at(-1)) {
      throw new TypeError(`PRelu: expected ${slopes} channels on the last axis, got shape [${x.shape}].`);
    }
    return tf.prelu<tf.Tensor>(x, this.weight) as T;
  }
}

/** `x`, or `α (eˣ − 1)` below zero: smooth, with a mean close to zero (Clevert et al., ICLR 2016, arXiv:1511.07289). */
export class Elu extends Module {
  readonly alpha: number;

  /** @param alpha - Minus the value that it approaches at −∞. @defaultValue 1 */
  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const {alpha} = this;
    if (alpha === 1) return tf.elu(x);
    return tf.tidy(() => tf.add(tf.relu(x), tf.mul(alpha, tf.elu(tf.neg(tf.relu(tf.neg(x))))))) as T;
  }
}

/**
 * The largest of `pieces` linear functions, `max(w₁·x + b₁, w₂·x + b₂)` (Goodfellow et al., ICML 2013,
 * arXiv:1302.4389). Follows a `Linear` or `Conv2d` with `pieces` times the outputs: piece p of output c is channel
 * `p · outputs + c`.
 */
export class Maxout extends Module {
  readonly pieces: number;

  /** @param pieces - @defaultValue 2 */
  constructor(pieces = 2) {
    super();
    checkIntegers('Maxout', {pieces}, 1);
    this.pieces = pieces;
  }

  /** @param x - `[..., pieces · C]` float32. @returns `[..., C]`. @throws TypeError if the channels do not divide. */
  forward<T extends tf.Tensor>(x: T): T {
    const channels = x.shape.at(-1) ?? 0;
    if (channels === 0 || channels % this.pieces) {
      throw new TypeError(
        `Maxout: the last axis must be a multiple of ${this.pieces} pieces, got shape [${x.shape}].`,
      );
    }
    return tf.tidy(() => tf.split(x, this.pieces, -1).reduce((a, b) => tf.maximum(a, b))) as T;
  }
}

/** Gives back what comes in, where a part is left out. */
export class Identity extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.clone(x);
  }
}
