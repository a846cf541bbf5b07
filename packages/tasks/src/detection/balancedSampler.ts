// Ren et al., "Faster R-CNN", NIPS 2015, arXiv:1506.01497, section 3.1.3.
import {checkShapes, defaultRandom, indicesWhere, Module, type Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

export interface BalancedSamplerOptions {
  /** Candidates to learn from in each image. */
  perImage: number;
  /** The part of them that belongs to objects, in [0, 1], if there are enough. */
  positiveFraction: number;
  /** Where the choice is drawn from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** Indices of chosen candidates, int32; the caller owns them. */
export interface BalancedSample {
  /** `[P]`: candidates that belong to an object. */
  positive: tf.Tensor1D;
  /** `[Q]`: candidates that are background. */
  negative: tf.Tensor1D;
}

/** Chooses at random, without repetition, so that background does not outweigh the few objects. */
export class BalancedSampler extends Module {
  readonly perImage: number;
  readonly positiveFraction: number;
  #random: Random;

  constructor({perImage, positiveFraction, random = defaultRandom()}: BalancedSamplerOptions) {
    super();
    if (!(perImage >= 1) || !(positiveFraction >= 0 && positiveFraction <= 1)) {
      throw new RangeError(
        `BalancedSampler: expected perImage of 1 or more and positiveFraction in [0, 1], got ${perImage} and ${positiveFraction}.`,
      );
    }
    this.perImage = perImage;
    this.positiveFraction = positiveFraction;
    this.#random = random.split();
  }

  protected override takeRandom(random: Random): void {
    this.#random = random;
  }

  /** @param matches - `[K]` int32: 0 or more for an object, -1 for background; others are left out. */
  forward(matches: tf.Tensor1D): BalancedSample {
    checkShapes('BalancedSampler', {matches: [matches, 'K', 'int32']});
    const {perImage, positiveFraction} = this;
    return tf.tidy(() => {
      const positive = this.#choose(
        indicesWhere(tf.greaterEqual(matches, 0)),
        Math.floor(perImage * positiveFraction),
      );
      const negative = this.#choose(indicesWhere(tf.equal(matches, -1)), perImage - positive.size);
      return {positive, negative};
    });
  }

  /** Only places in the list are drawn here and sent to the device: nothing on it has to be read. */
  #choose(candidates: tf.Tensor1D, count: number): tf.Tensor1D {
    if (candidates.size <= count) return candidates;
    return tf.gather(candidates, tf.tensor1d(distinct(count, candidates.size, this.#random), 'int32'));
  }
}

/** `count` different integers in [0, n), by Floyd's algorithm (Bentley & Floyd, CACM 30, 1987), ascending. */
function distinct(count: number, n: number, random: Random): Int32Array {
  const chosen = new Set<number>();
  for (let i = n - count; i < n; i++) {
    const drawn = random.int(i + 1);
    chosen.add(chosen.has(drawn) ? i : drawn);
  }
  return Int32Array.from(chosen).sort();
}
