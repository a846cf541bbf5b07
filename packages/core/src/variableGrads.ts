import * as tf from '@tensorflow/tfjs-core';

/** One call of an op, as tfjs's engine records it. */
interface TapeNode {
  kernelName: string;
  inputs: tf.NamedTensorMap;
  outputs: tf.Tensor[];
  saved: tf.Tensor[];
  gradient?(dys: (tf.Tensor | null)[]): Record<string, () => tf.Tensor>;
}

/** What tfjs's engine has but does not declare as public. */
interface TapeEngine {
  state: {activeTape: TapeNode[] | null; gradientDepth: number};
  startTape(): void;
  endTape(): void;
  scopedRun<T>(start: () => void, end: () => void, f: () => T): T;
  addTapeNode(
    kernelName: string,
    inputs: tf.NamedTensorMap,
    outputs: tf.Tensor[],
    gradient: unknown,
    saved: tf.Tensor[],
    attrs: unknown,
  ): void;
}

/**
 * `tf.variableGrads` for training steps: the same value and gradients, in less memory. tfjs keeps every
 * activation and every inner gradient until the whole backward pass is over; this walks the same tape and frees each
 * as soon as its last reader is done, and keeps nothing of what no variable goes into, such as frozen stages.
 *
 * @param f - Computes the scalar loss.
 * @param variables - What to differentiate for; those that are not trainable get no gradient.
 * @returns the loss, and the gradients by variable name; the caller owns both.
 * @throws Error if the loss is no scalar, depends on no variable, or goes through an op without a gradient.
 */
export function variableGrads(
  f: () => tf.Scalar,
  variables: readonly tf.Variable[],
): {value: tf.Scalar; grads: tf.NamedTensorMap} {
  const engine = tf.engine() as unknown as TapeEngine;
  // Inside another gradient the outer tape still needs what this one would free.
  if (engine.state.gradientDepth > 0) return tf.variableGrads(f, [...variables]);
  const trainable = variables.filter(variable => variable.trainable);
  let value: tf.Scalar | undefined;
  try {
    value = engine.scopedRun(
      () => engine.startTape(),
      () => engine.endTape(),
      () => recordingOnlyBehind(trainable, engine, () => tf.tidy(f)),
    );
    return {value, grads: differentiate(engine.state.activeTape ?? [], trainable, value)};
  } catch (error) {
    value?.dispose();
    throw error;
  } finally {
    // Also where f failed halfway: an engine that is out of memory must get it back.
    for (const {saved} of engine.state.activeTape ?? []) tf.dispose(saved);
    engine.state.activeTape = null;
  }
}

/** Leaves calls out of the tape, and frees at once what they saved, if no variable leads to their inputs. */
function recordingOnlyBehind<T>(variables: readonly tf.Variable[], engine: TapeEngine, f: () => T): T {
  const fromVariables = new Set(variables.map(({id}) => id));
  const record = engine.addTapeNode;
  engine.addTapeNode = (...node) => {
    const [, inputs, outputs, , saved] = node;
    // An inner gradient has a tape, and variables, of its own.
    const inner = engine.state.gradientDepth !== 1;
    if (!inner && !Object.values(inputs).some(input => input && fromVariables.has(input.id))) {
      tf.dispose(saved);
      return;
    }
    if (!inner) for (const {id} of outputs) fromVariables.add(id);
    record.apply(engine, node);
  };
  try {
    return f();
  } finally {
    Reflect.deleteProperty(engine, 'addTapeNode'); // the class's own comes forth again
  }
}

function differentiate(
  tape: readonly TapeNode[],
  variables: readonly tf.Variable[],
  loss: tf.Scalar,
): tf.NamedTensorMap {
  if (loss.rank !== 0) {
    throw new TypeError(
      `variableGrads: the loss must be a scalar, got shape [${loss.shape}]. Take its mean or sum.`,
    );
  }
  const path = connecting(tape, variables, loss);
  if (path.every(names => names.length === 0)) {
    throw new Error(
      'variableGrads: the loss depends on none of the variables. Compute it from them inside f.',
    );
  }
  return tf.tidy(() => backpropagate(tape, path, variables, loss));
}

/** For each node the names of its inputs that lead from the variables to the loss; none where nothing does. */
function connecting(
  tape: readonly TapeNode[],
  variables: readonly tf.Tensor[],
  loss: tf.Tensor,
): (readonly string[])[] {
  const fromVariables = new Set(variables.map(({id}) => id));
  const reached = tape.map(({inputs, outputs}) => {
    const names = Object.keys(inputs).filter(name => fromVariables.has(inputs[name].id));
    if (names.length > 0) for (const {id} of outputs) fromVariables.add(id);
    return names;
  });
  const toLoss = new Set([loss.id]);
  return tape
    .map((node, i) => ({...node, names: reached[i]}))
    .reverse()
    .map(({inputs, outputs, names}) => {
      if (!outputs.some(({id}) => toLoss.has(id))) return [];
      for (const name of names) toLoss.add(inputs[name].id);
      return names;
    })
    .reverse();
}

function backpropagate(
  tape: readonly TapeNode[],
  path: readonly (readonly string[])[],
  variables: readonly tf.Variable[],
  loss: tf.Tensor,
): tf.NamedTensorMap {
  const gradients = new Map<number, tf.Tensor>([[loss.id, tf.onesLike(loss)]]);
  for (let i = tape.length - 1; i >= 0; i--) {
    if (path[i].length > 0) stepBack(tape[i], path[i], gradients);
    tf.dispose(tape[i].saved);
  }
  return Object.fromEntries(
    variables.flatMap(({id, name}) => {
      const gradient = gradients.get(id);
      return gradient ? [[name, gradient]] : [];
    }),
  );
}

/** Passes the gradients of a node's outputs on to its inputs, and frees the former. */
function stepBack(node: TapeNode, names: readonly string[], gradients: Map<number, tf.Tensor>): void {
  if (!node.gradient) {
    throw new Error(
      `variableGrads: ${node.kernelName} has no gradient. Register one with tf.registerGradient.`,
    );
  }
  const dys = node.outputs.map(({id}) => gradients.get(id) ?? null);
  for (const {id} of node.outputs) gradients.delete(id);
  const thunks = node.gradient(dys);
  const known = new Set<tf.Tensor | null>(dys);
  const passed = names.map(name => {
    // A handle of its own where an op passes a gradient through, or to two inputs, so that each can be freed.
    const dx = tf.tidy(() => {
      const gradient = thunks[name]();
      return known.has(gradient) ? tf.clone(gradient) : gradient;
    });
    known.add(dx);
    const {shape} = node.inputs[name];
    if (dx.dtype !== 'float32' || !tf.util.arraysEqual(dx.shape, shape)) {
      throw new Error(
        `variableGrads: the gradient of ${name} in ${node.kernelName} must be float32 of shape [${shape}], ` +
          `got ${dx.dtype} of shape [${dx.shape}]. Mend the gradient of that op.`,
      );
    }
    return dx;
  });
  passed.forEach((dx, i) => {
    const {id} = node.inputs[names[i]];
    const sum = gradients.get(id);
    gradients.set(id, sum ? tf.add(sum, dx) : dx);
    if (sum) tf.dispose([sum, dx]);
  });
  for (const dy of dys) dy?.dispose();
}
