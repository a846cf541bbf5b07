import {clipGradNorm, clipGradValue, type Ema, type Optimizer} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Batch, Task} from '../task.js';
import {type BatchLosses, batchGradients} from './batchGradients.js';
import {GradientMean} from './gradientMean.js';

export interface StepperOptions {
  /** The largest norm of all gradients together. */
  clipNorm?: number | undefined;
  /** The largest size of any value of a gradient, after `clipNorm`. */
  clipValue?: number | undefined;
  /** Follows the weights after each step. */
  ema?: Ema | undefined;
}

/** Turns the gradients of one batch or several into a step of the optimizer. */
export class Stepper<B extends Batch> {
  readonly #task: Task<B>;
  readonly #optimizer: Optimizer;
  readonly #variables: readonly tf.Variable[];
  readonly #options: StepperOptions;
  readonly #mean = new GradientMean();

  /** @param variables - What is trained; frozen parameters may be among them. */
  constructor(
    task: Task<B>,
    optimizer: Optimizer,
    variables: readonly tf.Variable[],
    options: StepperOptions = {},
  ) {
    this.#task = task;
    this.#optimizer = optimizer;
    this.#variables = variables;
    this.#options = options;
  }

  /** Learns from a batch; the weights stay as they are until {@link step}. @returns its losses, the caller's to free. */
  add(batch: B): BatchLosses {
    const {losses, grads} = batchGradients(this.#task, batch, this.#variables);
    this.#mean.add(grads, batch.files.length);
    return losses;
  }

  /** Takes the step that the batches since the last one ask for. */
  step(): void {
    const grads = clipped(this.#mean.take(), this.#options);
    this.#optimizer.step(grads);
    tf.dispose(grads);
    this.#options.ema?.update();
  }

  /** Frees the gradients that led to no step. */
  dispose(): void {
    this.#mean.dispose();
  }
}

/** Frees the gradients given if it makes new ones. */
function clipped(grads: tf.NamedTensorMap, {clipNorm, clipValue}: StepperOptions): tf.NamedTensorMap {
  const replace = (make: (grads: tf.NamedTensorMap) => tf.NamedTensorMap) => {
    const before = grads;
    grads = make(before);
    tf.dispose(before);
  };
  if (clipNorm !== undefined) {
    replace(before => {
      const {grads, norm} = clipGradNorm(before, clipNorm);
      norm.dispose();
      return grads;
    });
  }
  if (clipValue !== undefined) replace(before => clipGradValue(before, clipValue));
  return grads;
}
