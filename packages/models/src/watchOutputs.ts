import type {Module} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * Shows what modules give while `run` runs, and leaves them as they were.
 *
 * @param seen - Called with each output right after it is made; the output stays the model's.
 */
export function watchOutputs<T, M extends Module>(
  modules: Iterable<M>,
  seen: (module: M, output: tf.Tensor) => void,
  run: () => T,
): T {
  const restore: (() => void)[] = [];
  try {
    for (const module of modules) {
      const own = Object.getOwnPropertyDescriptor(module, 'forward');
      const forward = module.forward as (...inputs: unknown[]) => tf.Tensor;
      const watched = (...inputs: unknown[]) => {
        const output = forward.apply(module, inputs);
        seen(module, output);
        return output;
      };
      Object.defineProperty(module, 'forward', {value: watched, configurable: true});
      restore.unshift(() => {
        if (own) Object.defineProperty(module, 'forward', own);
        else Reflect.deleteProperty(module, 'forward');
      });
    }
    return run();
  } finally {
    for (const undo of restore) undo();
  }
}
