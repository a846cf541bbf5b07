import * as tf from '@tensorflow/tfjs-core';

const frozen = new WeakSet<tf.Variable>();
const paths = new WeakMap<tf.Variable, string>();

/**
 * A variable that training moves. Takes `initial` over: it is disposed.
 *
 * @param initial - any shape, float32.
 */
export function parameter<R extends tf.Rank>(initial: tf.Tensor<R>): tf.Variable<R> {
  return take(initial, true);
}

/**
 * A variable that belongs to the state but is not trained, such as a running mean. Takes `initial` over: it is
 * disposed.
 *
 * @param initial - any shape and dtype.
 */
export function buffer<R extends tf.Rank>(initial: tf.Tensor<R>): tf.Variable<R> {
  return take(initial, false);
}

function take<R extends tf.Rank>(initial: tf.Tensor<R>, trainable: boolean): tf.Variable<R> {
  const variable = tf.variable(initial, trainable);
  initial.dispose();
  return variable;
}

/** Whether a variable is a parameter, frozen or not, rather than a buffer. */
export function isParameter(variable: tf.Variable): boolean {
  return variable.trainable || frozen.has(variable);
}

/** Stops (or resumes) the training of a parameter; a buffer stays one. */
export function setFrozen(variable: tf.Variable, freeze: boolean): void {
  if (!isParameter(variable)) return;
  variable.trainable = !freeze;
  if (freeze) frozen.add(variable);
  else frozen.delete(variable);
}

/** Remembers a parameter's path in its model, for messages. A path from the root wins over one from a part. */
export function rememberPath(variable: tf.Variable, path: string): void {
  if (path.length > (paths.get(variable)?.length ?? 0)) paths.set(variable, path);
}

/** The path that was last asked for, such as `layer1.0.conv1.weight`; else the variable's own name. */
export function pathOf(variable: tf.Variable): string {
  return paths.get(variable) ?? `variable ${variable.name} of shape [${variable.shape}]`;
}
