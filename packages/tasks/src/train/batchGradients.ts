import {variableGrads} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Batch, Task} from '../task.js';

/** The losses of a batch; reading them waits for the engine, so a loop reads them a batch later. */
export interface BatchLosses {
  /** Reads and frees the losses: their sum, and each by its name. */
  read(): Promise<{total: number; losses: Record<string, number>}>;
  /** Frees them unread. */
  dispose(): void;
}

/** The losses of a batch that was learnt from in parts: means over its images. */
export function joinedLosses(parts: readonly {losses: BatchLosses; images: number}[]): BatchLosses {
  if (parts.length === 1) return parts[0].losses;
  const all = parts.reduce((sum, {images}) => sum + images, 0);
  return {
    async read() {
      const losses: Record<string, number> = {};
      let total = 0;
      for (const {losses: part, images} of parts) {
        const read = await part.read();
        total += (read.total * images) / all;
        for (const [name, loss] of Object.entries(read.losses))
          losses[name] = (losses[name] ?? 0) + (loss * images) / all;
      }
      return {total, losses};
    },
    dispose() {
      for (const {losses} of parts) losses.dispose();
    },
  };
}

/**
 * Runs the model forwards and backwards. Leaves no tensors but what it returns.
 *
 * @param variables - What is trained; frozen parameters may be among them, and get no gradient.
 * @returns the losses, and the gradients by variable name; the caller owns both.
 */
export function batchGradients<B extends Batch>(
  task: Task<B>,
  batch: B,
  variables: readonly tf.Variable[],
): {losses: BatchLosses; grads: tf.NamedTensorMap} {
  const kept: Record<string, tf.Tensor> = {};
  let grads: tf.NamedTensorMap;
  try {
    const taken = variableGrads(() => {
      const losses = task.losses(batch);
      for (const [name, loss] of Object.entries(losses)) kept[name] = tf.keep(tf.clone(loss));
      return tf.addN(Object.values(losses)) as tf.Scalar;
    }, variables);
    taken.value.dispose();
    grads = taken.grads;
  } catch (error) {
    tf.dispose(kept);
    throw error;
  }
  const losses: BatchLosses = {
    async read() {
      const losses: Record<string, number> = {};
      for (const [name, loss] of Object.entries(kept)) {
        losses[name] = (await loss.data())[0];
        loss.dispose();
      }
      return {total: Object.values(losses).reduce((sum, loss) => sum + loss, 0), losses};
    },
    dispose: () => tf.dispose(kept),
  };
  return {losses, grads};
}
