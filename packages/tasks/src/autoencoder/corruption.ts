// Vincent et al., "Stacked Denoising Autoencoders", JMLR 11, 2010, sections 3.1 and 5.1: additive Gaussian
// noise, masking noise, salt-and-pepper noise.
import {defaultRandom, dropout, Module, Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** How inputs are spoilt, and by how much. */
export type CorruptionSettings =
  | {kind: 'gaussian' /** Standard deviation, in units of the input. */; deviation: number}
  | {kind: 'masking' /** Share of values that become 0, in [0, 1]. */; rate: number}
  | {
      kind: 'saltPepper' /** Share of values that become 0 or 1, either at random, in [0, 1]. */;
      rate: number;
    };

/**
 * Noise on the inputs of an autoencoder, which has to undo it and so cannot learn the identity. Drawn anew for each
 * batch in training, none in evaluation; `reseed` of the model decides it, as with dropout. Differentiable in its input.
 */
export class Corruption extends Module {
  readonly settings: CorruptionSettings;
  #random: Random;

  /**
   * @param random - Where the noise is drawn from. @defaultValue the stream of `defaultRandom`
   * @throws RangeError if a rate is outside of [0, 1] or the deviation below 0.
   */
  constructor(settings: CorruptionSettings, random = defaultRandom()) {
    super();
    const amount = settings.kind === 'gaussian' ? settings.deviation : settings.rate;
    if (!(amount >= 0 && (settings.kind === 'gaussian' ? Number.isFinite(amount) : amount <= 1))) {
      throw new RangeError(
        settings.kind === 'gaussian'
          ? `Corruption: deviation must be a finite number of 0 or more, got ${amount}.`
          : `Corruption: rate is the share of values that are spoilt, from 0 to 1; got ${amount}.`,
      );
    }
    this.settings = settings;
    this.#random = random.split();
  }

  protected override takeRandom(random: Random): void {
    this.#random = random;
  }

  /** @param x - Any shape, float32. @returns The same shape; in evaluation the same values. */
  forward<T extends tf.Tensor>(x: T): T {
    return this.training ? this.corrupt(x) : tf.clone(x);
  }

  /** {@link Corruption.forward} in training, whatever the mode: for pictures. */
  corrupt<T extends tf.Tensor>(x: T): T {
    const {settings} = this;
    if (settings.kind === 'gaussian')
      return tf.tidy(() => tf.add(x, this.#normal(x.shape, settings.deviation)));
    if (settings.kind === 'masking') return this.#masked(x, settings.rate);
    return tf.tidy(() => {
      const kept = this.#masked(tf.onesLike(x), settings.rate);
      const salt = this.#masked(tf.onesLike(x), 0.5);
      return tf.add(tf.mul(x, kept), tf.mul(tf.sub(1, kept), salt)) as T;
    });
  }

  /** Drops values and leaves the others as they are: dropout without its scaling. */
  #masked<T extends tf.Tensor>(x: T, rate: number): T {
    if (rate === 1) return tf.zerosLike(x);
    return tf.tidy(() => tf.mul(dropout(x, {rate, seed: this.#random.uint32()}), 1 - rate));
  }

  #normal<T extends tf.Tensor>(shape: T['shape'], deviation: number): T {
    const values = new Float32Array(tf.util.sizeFromShape(shape));
    // A generator of its own: the count of numbers drawn here must not decide what the next batch gets.
    new Random(this.#random.uint32()).fillNormal(values, 0, deviation);
    return tf.tensor(values, shape) as T;
  }
}
