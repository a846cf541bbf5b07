import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs `f` without recording it for the backward pass, and frees what it made but does not return: for state that is
 * kept beside the gradient, such as running means, and for choices that no gradient goes through, such as the boxes
 * that a detector proposes. Recording six small operations costs more than running them.
 *
 * @returns What `f` returns; for the backward pass it is a constant.
 */
export function untaped<T extends tf.TensorContainer>(f: () => T): T {
  const {state} = tf.engine();
  state.kernelDepth++; // as tfjs does while a kernel runs
  try {
    return tf.tidy(f);
  } finally {
    state.kernelDepth--;
  }
}
