import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs `f` without recording it for the backward pass, and frees what it made: for state that is kept beside the
 * gradient, such as running means. Recording six small operations costs more than running them.
 */
export function untaped(f: () => void): void {
  const {state} = tf.engine();
  state.kernelDepth++; // as tfjs does while a kernel runs
  try {
    tf.tidy(f);
  } finally {
    state.kernelDepth--;
  }
}
