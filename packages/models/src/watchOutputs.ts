import type {Module} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';
import {changeOutputs} from './changeOutputs.js';

/**
 * Shows what modules give while `run` runs, and leaves them as they were.
 *
 * @param seen - Called with each output right after it is made; the output stays the model's.
 */
export const watchOutputs = <T, M extends Module>(
  modules: Iterable<M>,
  seen: (module: M, output: tf.Tensor) => void,
  run: () => T,
): T =>
  changeOutputs(
    modules,
    (module, output) => {
      seen(module, output);
      return output;
    },
    run,
  );
