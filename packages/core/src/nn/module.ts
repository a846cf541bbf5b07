import * as tf from '@tensorflow/tfjs-core';
import {Random} from '../random.js';
import {isParameter, rememberPath, setFrozen} from './parameter.js';
import {describeDiff, diffState, type StateDiff} from './stateDiff.js';

/**
 * A part of a model, whose fields are its parameters (trainable variables), buffers (variables that are not), parts
 * (modules) and lists of parts. The name of a parameter is its path through the fields: `layer1.0.conv1.weight`.
 */
export abstract class Module {
  /** Whether dropout drops and batch norm takes its statistics from the batch; see {@link Module.train}. */
  training = true;
  /** Whether this part is held as it is; see {@link Module.freeze}. */
  frozen = false;

  /** Computes the output; the caller owns it. */
  abstract forward(...inputs: never[]): unknown;

  /** The fields that may hold state, by name. A container overrides it to name its parts otherwise. */
  protected fields(): Iterable<readonly [string, unknown]> {
    return Object.entries(this);
  }

  /** Hears that `reseed` was called; modules with randomness take the stream as theirs. */
  protected takeRandom(_random: Random): void {}

  /** This module and all parts below it, each once, with their paths (the module's own is empty). */
  *namedModules(path = '', seen = new Set<Module>()): Generator<[string, Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [path, this];
    for (const [name, child] of this.#children()) {
      if (child instanceof Module) yield* child.namedModules(join(path, name), seen);
    }
  }

  /** All parameters with their names, frozen ones too; a shared parameter once, under its first name. */
  namedParameters(): [string, tf.Variable][] {
    const named = [...this.#variables()].filter(([, variable]) => isParameter(variable));
    for (const [name, variable] of named) rememberPath(variable, name);
    return unique(named);
  }

  /** All buffers with their names. */
  namedBuffers(): [string, tf.Variable][] {
    return unique([...this.#variables()].filter(([, variable]) => !isParameter(variable)));
  }

  /** All parameters, frozen ones too, each once. */
  parameters(): tf.Variable[] {
    return this.namedParameters().map(([, variable]) => variable);
  }

  /** The number of values in all parameters, as papers count them: without buffers, shared ones once. */
  numParameters(): number {
    return this.parameters().reduce((sum, {size}) => sum + size, 0);
  }

  /** Parameters and buffers by name: the live variables, not copies; do not dispose them. */
  stateDict(): Record<string, tf.Tensor> {
    return Object.fromEntries(this.#variables());
  }

  /**
   * Sets parameters and buffers from tensors of the same names and shapes. The tensors stay the caller's. With
   * `strict` nothing is loaded unless everything fits.
   *
   * @param options - `strict: false` loads what fits and tells the rest. @defaultValue `{strict: true}`
   * @returns how the dict differs: nothing, if strict.
   * @throws Error that lists every missing, unexpected and misshapen name.
   */
  loadStateDict(
    dict: Readonly<Record<string, tf.Tensor>>,
    {strict = true}: {strict?: boolean} = {},
  ): StateDiff {
    const own = new Map(this.#variables());
    const shapes = (entries: Iterable<readonly [string, tf.Tensor]>) =>
      new Map([...entries].map(([name, {shape}]) => [name, shape] as const));
    const diff = diffState(shapes(own), shapes(Object.entries(dict)));
    const words = describeDiff(diff);
    if (strict && words) {
      throw new Error(`${this.constructor.name}.loadStateDict: the dict does not fit the module.\n${words}`);
    }
    const unfit = new Set([...diff.missing, ...diff.misshapen.map(({name}) => name)]);
    for (const [name, variable] of own) {
      if (!unfit.has(name)) tf.tidy(() => variable.assign(tf.cast(dict[name], variable.dtype)));
    }
    return diff;
  }

  /** Puts this module and all parts into training mode, or out of it. */
  train(mode = true): this {
    for (const [, module] of this.namedModules()) module.training = mode;
    return this;
  }

  /** Puts this module and all parts into evaluation mode: the same as `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Holds all parameters as they are: no gradient, no step. Batch norm keeps its running statistics, too. */
  freeze(): this {
    return this.#setFrozen(true);
  }

  /** Lets all parameters train again. */
  unfreeze(): this {
    return this.#setFrozen(false);
  }

  /**
   * Gives each part with randomness a stream of its own that depends on the seed and its place alone. Reseeding by
   * the number of the step makes a resumed training equal an uninterrupted one.
   */
  reseed(seed: number): this {
    const random = new Random(seed);
    for (const [, module] of this.namedModules()) module.takeRandom(random.split());
    return this;
  }

  /** Frees all parameters and buffers; the module is of no use afterwards. */
  dispose(): void {
    for (const variable of new Set([...this.#variables()].map(([, variable]) => variable)))
      variable.dispose();
  }

  #setFrozen(frozen: boolean): this {
    for (const [, module] of this.namedModules()) module.frozen = frozen;
    for (const [, variable] of this.#variables()) setFrozen(variable, frozen);
    return this;
  }

  /** Every variable under every name it has: a shared one is in a state dict as often as it is used. */
  *#variables(path = ''): Generator<[string, tf.Variable]> {
    for (const [name, child] of this.#children()) {
      if (child instanceof Module) yield* child.#variables(join(path, name));
      else yield [join(path, name), child];
    }
  }

  *#children(): Generator<[string, Module | tf.Variable]> {
    for (const [name, field] of this.fields()) {
      const items = Array.isArray(field)
        ? field.map((item, i) => [join(name, String(i)), item] as const)
        : [[name, field] as const];
      for (const [path, item] of items) {
        if (item instanceof Module || item instanceof tf.Variable) yield [path, item];
      }
    }
  }
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

function unique(named: [string, tf.Variable][]): [string, tf.Variable][] {
  const seen = new Set<tf.Variable>();
  return named.filter(([, variable]) => !seen.has(variable) && seen.add(variable));
}
