import {type Optimizer, variableGrads} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Batch, Task} from '../task.js';

/** The losses of one step; reading them waits for the engine, so a loop reads them a step later. */
export interface StepLosses {
  /** Reads and frees the losses: their sum, and each by its name. */
  read(): Promise<{total: number; losses: Record<string, number>}>;
  /** Frees them unread. */
  dispose(): void;
}

/**
 * One step of gradient descent on a batch. Leaves no tensors but the losses.
 *
 * @param variables - What is trained; frozen parameters may be among them.
 */
export function trainStep<B extends Batch>(
  task: Task<B>,
  batch: B,
  optimizer: Optimizer,
  variables: readonly tf.Variable[],
): StepLosses {
  const kept: Record<string, tf.Tensor> = {};
  const {value, grads} = variableGrads(() => {
    const losses = task.losses(batch);
    for (const [name, loss] of Object.entries(losses)) kept[name] = tf.keep(tf.clone(loss));
    return tf.addN(Object.values(losses)) as tf.Scalar;
  }, variables);
  optimizer.step(grads);
  tf.dispose(grads);
  value.dispose();
  return {
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
}
