// Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, 2014, section 4.
import * as tf from '@tensorflow/tfjs-core';
import {dropout} from '../ops/dropout.js';
import type {Random} from '../random.js';
import {defaultRandom} from './defaultRandom.js';
import {Module} from './module.js';

/**
 * In training each value becomes zero with probability `rate`, and the others are scaled by `1 / (1 − rate)`, so that
 * nothing is left to scale in evaluation (Deviation: the paper scales there, because its frameworks did).
 */
export class Dropout extends Module {
  readonly rate: number;
  #random: Random;

  /**
   * @param rate - In [0, 1). @defaultValue 0.5
   * @param options - `random`: where the masks are drawn from. @defaultValue the stream of {@link defaultRandom}
   */
  constructor(rate = 0.5, {random = defaultRandom()}: {random?: Random} = {}) {
    super();
    if (!(rate >= 0 && rate <= 1)) {
      throw new RangeError(`Dropout: rate is the share of values to drop, from 0 to 1; got ${rate}.`);
    }
    this.rate = rate;
    this.#random = random.split();
  }

  protected override takeRandom(random: Random): void {
    this.#random = random;
  }

  /** @param x - Any shape, float32. @returns The same shape; in evaluation the same values. */
  forward<T extends tf.Tensor>(x: T): T {
    if (!this.training || this.rate === 0) return tf.clone(x);
    return dropout(x, {rate: this.rate, seed: this.#random.uint32()});
  }
}
