// Polyak & Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM J. Control Optim. 30, 1992, in the
// exponential form of Tarvainen & Valpola, "Mean teachers", NIPS 2017, arXiv:1703.01780, section 2.
import * as tf from '@tensorflow/tfjs-core';
import type {Module} from '../nn/module.js';
import {buffer} from '../nn/parameter.js';
import {describeDiff, diffState} from '../nn/stateDiff.js';

export interface EmaOptions {
  /** The share of the old average that stays at each update. @defaultValue 0.999 */
  decay?: number;
  /** Lets the average follow faster at first: the decay is at most `(1 + updates) / (10 + updates)`. @defaultValue true */
  warmUp?: boolean;
}

/**
 * A running average of a model's parameters and buffers, which evaluates better than the last step does. Update it
 * after each step; swap it in to evaluate, and back to go on.
 */
export class Ema {
  readonly decay: number;
  readonly warmUp: boolean;
  readonly #pairs: Map<string, {live: tf.Variable; average: tf.Variable}>;
  #updates: tf.Variable<tf.Rank.R0>;
  #count = 0;
  #swapped = false;

  /** @throws RangeError if the decay is not in [0, 1). */
  constructor(model: Module, {decay = 0.999, warmUp = true}: EmaOptions = {}) {
    if (!(decay >= 0 && decay < 1)) throw new RangeError(`Ema: decay must be in [0, 1), got ${decay}.`);
    this.decay = decay;
    this.warmUp = warmUp;
    const named = [...model.namedParameters(), ...model.namedBuffers()];
    this.#pairs = new Map(
      named.map(([name, live]) => [name, {live, average: buffer(tf.clone(live as tf.Tensor))}]),
    );
    this.#updates = buffer(tf.scalar(0, 'int32'));
  }

  /** Moves the average towards the model. @throws Error while it is swapped in. */
  update(): void {
    if (this.#swapped)
      throw new Error('Ema.update: the average is in the model. Call swap() before training on.');
    this.#count++;
    const decay = this.warmUp ? Math.min(this.decay, (1 + this.#count) / (10 + this.#count)) : this.decay;
    for (const {live, average} of this.#pairs.values()) {
      tf.tidy(() => average.assign(tf.add(average, tf.mul(tf.sub(live, average), 1 - decay))));
    }
  }

  /** Exchanges the model's values and the averages, without copying; a second call exchanges them back. */
  swap(): void {
    for (const {live, average} of this.#pairs.values()) {
      tf.tidy(() => {
        const kept = tf.clone(live as tf.Tensor);
        live.assign(average);
        average.assign(kept);
      });
    }
    this.#swapped = !this.#swapped;
  }

  /** The averages by name, and `updates`, their number: live tensors, not copies. @throws Error while swapped in. */
  stateDict(): Record<string, tf.Tensor> {
    if (this.#swapped)
      throw new Error('Ema.stateDict: the average is in the model. Call swap() before saving.');
    tf.tidy(() => this.#updates.assign(tf.scalar(this.#count, 'int32')));
    return {
      updates: this.#updates,
      ...Object.fromEntries([...this.#pairs].map(([name, {average}]) => [name, average])),
    };
  }

  /** Continues from a state that `stateDict` gave. The tensors stay the caller's. @throws Error that lists what does not fit. */
  loadStateDict(dict: Readonly<Record<string, tf.Tensor>>): void {
    const own = this.stateDict();
    const shapes = (tensors: Readonly<Record<string, tf.Tensor>>) =>
      new Map(Object.entries(tensors).map(([name, {shape}]) => [name, shape]));
    const diff = diffState(shapes(own), shapes(dict));
    const words = describeDiff(diff);
    if (words) throw new Error(`Ema.loadStateDict: the dict does not fit the model.\n${words}`);
    for (const [name, {average}] of this.#pairs) tf.tidy(() => average.assign(tf.clone(dict[name])));
    [this.#count] = dict['updates'].dataSync();
  }

  /** Frees the averages; the model stays. */
  dispose(): void {
    this.#updates.dispose();
    for (const {average} of this.#pairs.values()) average.dispose();
  }
}
