import type {Module} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * Puts something else in the place of what modules give while `run` runs, and leaves them as they were.
 *
 * @param change - Gets each output right after it is made, and says what goes on from there: another tensor of the
 * same shape, or the output itself.
 */
export function changeOutputs<T, M extends Module>(
  modules: Iterable<M>,
  change: (module: M, output: tf.Tensor) => tf.Tensor,
  run: () => T,
): T {
  const restore: (() => void)[] = [];
  try {
    for (const module of modules) {
      const own = Object.getOwnPropertyDescriptor(module, 'forward');
      const forward = module.forward as (...inputs: unknown[]) => tf.Tensor;
      const changed = (...inputs: unknown[]) => change(module, forward.apply(module, inputs));
      Object.defineProperty(module, 'forward', {value: changed, configurable: true});
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
