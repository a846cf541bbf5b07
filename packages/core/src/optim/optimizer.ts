import * as tf from '@tensorflow/tfjs-core';
import {buffer, pathOf} from '../nn/parameter.js';
import type {DecayOptions} from '../ops/sgdStep.js';
import {checkRates} from './checkRates.js';
import {maxNorm} from './maxNorm.js';
import {asGroups, type ParameterGroup, type ParameterList} from './parameterGroup.js';

/** What all optimizers take; decay in the options is for groups that set none. */
export interface OptimizerOptions extends DecayOptions {
  /** The length of a step. Set it anew at each step to follow a schedule. */
  learningRate: number;
  /**
   * The largest L2 norm of what comes into each unit, kept after each step; see {@link maxNorm}. Usual with dropout.
   *
   * @defaultValue none
   */
  maxNorm?: number | undefined;
}

/** What one kernel call gets: parameters of a group that have taken equally many steps. */
export interface Batch {
  parameters: tf.Variable[];
  gradients: tf.Tensor[];
  /** One list for each name of the optimizer's state. */
  states: tf.Variable[][];
  /** The group's, with its factor. */
  learningRate: number;
  weightDecay: number;
  l1: number;
  /** The number of this step, from 1. */
  step: number;
}

interface Entry {
  variable: tf.Variable;
  group: ParameterGroup;
  states: tf.Variable[];
  steps: number;
}

/** Moves parameters against their gradients. Subclasses say by which rule, and what they remember for it. */
export abstract class Optimizer {
  /** The length of the next step. */
  learningRate: number;
  readonly #stateNames: readonly string[];
  readonly #decay: Required<DecayOptions>;
  readonly #maxNorm: number | undefined;
  readonly #groups: readonly ParameterGroup[];
  readonly #entries: Entry[];
  #steps: tf.Variable | undefined;

  /**
   * @param parameters - Those of a model, or groups of them.
   * @param stateNames - What is remembered for each parameter: tensors of its shape that start at zero.
   * @throws TypeError if there is no parameter, or one is in two groups; RangeError if an option is no number ≥ 0.
   */
  constructor(
    parameters: ParameterList,
    stateNames: readonly string[],
    {learningRate, weightDecay = 0, l1 = 0, maxNorm}: OptimizerOptions,
  ) {
    const owner = new.target.name;
    this.#groups = asGroups(parameters);
    this.#stateNames = stateNames;
    this.#decay = {weightDecay, l1};
    this.#maxNorm = maxNorm;
    this.learningRate = learningRate;
    checkRates(owner, {learningRate, weightDecay, l1, maxNorm: maxNorm ?? 0});
    for (const {learningRateFactor = 1, weightDecay = 0, l1 = 0, maxNorm = 0} of this.#groups) {
      checkRates(`${owner}: a group`, {learningRateFactor, weightDecay, l1, maxNorm});
    }
    this.#entries = this.#groups.flatMap(group =>
      group.parameters.map(variable => ({variable, group, states: [], steps: 0})),
    );
    const seen = new Set<tf.Variable>();
    for (const {variable} of this.#entries) {
      if (seen.has(variable)) throw new TypeError(`${owner}: ${pathOf(variable)} is in the groups twice.`);
      seen.add(variable);
    }
    if (!seen.size) throw new TypeError(`${owner}: there are no parameters. Pass model.parameters().`);
  }

  /** The rule: one kernel call. */
  protected abstract update(batch: Batch): void;

  /**
   * Takes one step. Frozen parameters stay where they are.
   *
   * @param grads - By variable name, as tf.variableGrads gives them; not disposed.
   * @throws Error that names every trainable parameter without a gradient.
   */
  step(grads: tf.NamedTensorMap): void {
    checkRates(this.constructor.name, {learningRate: this.learningRate});
    const trained = this.#entries.filter(({variable}) => variable.trainable);
    const missing = trained.filter(({variable}) => !grads[variable.name]);
    if (missing.length) {
      throw new Error(
        `${this.constructor.name}.step: no gradient for ${missing.map(({variable}) => pathOf(variable)).join(', ')}. ` +
          'The loss does not depend on it: freeze() it, or leave it out of the parameters.',
      );
    }
    for (const [group, step, entries] of this.#batches(trained)) this.#stepAlike(group, step, entries, grads);
  }

  /** By group, and within it by steps taken: a parameter that was frozen for a while has taken fewer. */
  #batches(trained: Entry[]): [ParameterGroup, number, Entry[]][] {
    return this.#groups.flatMap(group => {
      const entries = trained.filter(entry => entry.group === group);
      const counts = [...new Set(entries.map(({steps}) => steps))];
      return counts.map((count): [ParameterGroup, number, Entry[]] => [
        group,
        count + 1,
        entries.filter(({steps}) => steps === count),
      ]);
    });
  }

  #stepAlike(group: ParameterGroup, step: number, entries: Entry[], grads: tf.NamedTensorMap): void {
    for (const entry of entries) {
      if (!entry.states.length)
        entry.states = this.#stateNames.map(() => buffer(tf.zerosLike(entry.variable)));
      entry.steps = step;
    }
    this.update({
      parameters: entries.map(({variable}) => variable),
      gradients: entries.map(({variable}) => grads[variable.name]),
      states: this.#stateNames.map((_, i) => entries.map(({states}) => states[i])),
      learningRate: this.learningRate * (group.learningRateFactor ?? 1),
      weightDecay: group.weightDecay ?? this.#decay.weightDecay,
      l1: group.l1 ?? this.#decay.l1,
      step,
    });
    const limit = group.maxNorm ?? this.#maxNorm;
    if (limit !== undefined) for (const {variable} of entries) maxNorm(variable, limit);
  }

  /**
   * Everything that a resumed training needs beside the parameters: live tensors, not copies. Names are the
   * parameter's number and what is remembered, `3.momentum`; `steps` counts the steps of each. The learning rate is
   * the schedule's.
   */
  stateDict(): Record<string, tf.Tensor> {
    const steps = tf.tensor1d(
      this.#entries.map(({steps}) => steps),
      'int32',
    );
    this.#steps?.dispose();
    this.#steps = buffer(steps);
    const states = this.#entries.flatMap(({states}, i) =>
      states.map((state, k) => [this.#key(i, k), state] as const),
    );
    return Object.fromEntries([['steps', this.#steps], ...states]);
  }

  /**
   * Continues where the optimizer stood that gave `dict`. The tensors stay the caller's.
   *
   * @throws TypeError if it was made by another optimizer or for other parameters.
   */
  loadStateDict(dict: Readonly<Record<string, tf.Tensor>>): void {
    const fail = (reason: string): never => {
      throw new TypeError(
        `${this.constructor.name}.loadStateDict: ${reason}. Build the optimizer with the class, groups and options ` +
          'that it had when the state was saved.',
      );
    };
    const steps =
      dict['steps'] ?? fail(`there is no "steps" among ${Object.keys(dict).join(', ') || 'no names'}`);
    if (steps.size !== this.#entries.length) {
      fail(`the state is of ${steps.size} parameters, the optimizer has ${this.#entries.length}`);
    }
    const expected = new Set(['steps']);
    const counts = steps.dataSync();
    for (const [i, {variable}] of this.#entries.entries()) {
      if (counts[i] === 0) continue;
      for (let k = 0; k < this.#stateNames.length; k++) {
        const key = this.#key(i, k);
        expected.add(key);
        const state = dict[key] ?? fail(`"${key}" of ${pathOf(variable)} is missing`);
        if (String(state.shape) !== String(variable.shape)) {
          fail(`"${key}" has shape [${state.shape}], but ${pathOf(variable)} has [${variable.shape}]`);
        }
      }
    }
    const unexpected = Object.keys(dict).filter(key => !expected.has(key));
    if (unexpected.length) fail(`nothing is known of ${unexpected.join(', ')}`);
    for (const [i, entry] of this.#entries.entries()) {
      for (const state of entry.states) state.dispose();
      entry.steps = counts[i];
      entry.states = entry.steps
        ? this.#stateNames.map((_, k) => buffer(tf.clone(dict[this.#key(i, k)])))
        : [];
    }
  }

  /** Frees what the optimizer remembers; the parameters stay. */
  dispose(): void {
    this.#steps?.dispose();
    for (const entry of this.#entries) {
      for (const state of entry.states) state.dispose();
      entry.states = [];
      entry.steps = 0;
    }
    this.#steps = undefined;
  }

  #key(parameter: number, state: number): string {
    return `${parameter}.${this.#stateNames[state]}`;
  }
}
