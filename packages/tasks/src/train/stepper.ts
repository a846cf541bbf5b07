import {clipGradNorm, clipGradValue, type Ema, type Optimizer} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Batch, Task} from '../task.js';
import {type BatchLosses, batchGradients, joinedLosses} from './batchGradients.js';
import {batchPart} from './batchPart.js';
import {GradientMean} from './gradientMean.js';
import {gradientNorm} from './gradientNorm.js';
import {isOutOfMemory, OutOfMemoryError} from './outOfMemoryError.js';

export interface StepperOptions {
  /** The largest norm of all gradients together. */
  clipNorm?: number | undefined;
  /** The largest size of any value of a gradient, after `clipNorm`. */
  clipValue?: number | undefined;
  /** Follows the weights after each step. */
  ema?: Ema | undefined;
  /** Hears that the memory is too small for a batch, which is from now on learnt from in parts of so many images. */
  onSmaller?: (images: number) => void;
}

/**
 * Turns the gradients of one batch or several into a step of the optimizer. A batch that the memory is too small for is
 * halved until it fits: the step stays that of the whole batch for losses that are means over images; only batch norm
 * sees the difference.
 */
export class Stepper<B extends Batch> {
  readonly #task: Task<B>;
  readonly #optimizer: Optimizer;
  readonly #variables: readonly tf.Variable[];
  readonly #options: StepperOptions;
  readonly #mean = new GradientMean();
  /** Images that fitted at once, as far as is known. */
  #most = Number.POSITIVE_INFINITY;

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

  /**
   * Learns from a batch; the weights stay as they are until {@link step}.
   *
   * @returns its losses, the caller's to free.
   * @throws OutOfMemoryError if not even one image fits.
   */
  add(batch: B): BatchLosses {
    const images = batch.files.length;
    if (images <= this.#most) {
      try {
        const {losses, grads} = batchGradients(this.#task, batch, this.#variables);
        this.#mean.add(grads, images);
        return losses;
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
        if (images === 1) throw new OutOfMemoryError(images, batch.images.shape, error);
        this.#most = Math.ceil(images / 2);
        this.#options.onSmaller?.(this.#most);
      }
    }
    return this.#addParts(batch);
  }

  #addParts(batch: B): BatchLosses {
    const images = batch.files.length;
    const parts: {losses: BatchLosses; images: number}[] = [];
    try {
      for (let from = 0; from < images; ) {
        const to = Math.min(images, from + this.#most);
        const {part, dispose} = batchPart(batch, from, to);
        try {
          parts.push({losses: this.add(part), images: to - from});
        } finally {
          dispose();
        }
        from = to;
      }
    } catch (error) {
      joinedLosses(parts).dispose();
      throw error;
    }
    return joinedLosses(parts);
  }

  /**
   * Takes the step that the batches since the last one ask for.
   *
   * @param options - `norm`: whether to hand out the norm of the gradients before they were clipped.
   * @returns the norm, the caller's to free.
   */
  step({norm: wanted = false}: {norm?: boolean} = {}): tf.Scalar | undefined {
    const taken = this.#mean.take();
    const norm = wanted ? gradientNorm(taken) : undefined;
    const grads = clipped(taken, this.#options);
    this.#optimizer.step(grads);
    tf.dispose(grads);
    this.#options.ema?.update();
    return norm;
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
