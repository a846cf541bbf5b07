import * as tf from '@tensorflow/tfjs-core';

/** Splits tensors along their last axis, runs each part by itself, and joins the results along theirs. */
export function byGroup(
  groups: number,
  tensors: readonly tf.Tensor4D[],
  run: (parts: tf.Tensor4D[]) => tf.Tensor4D,
): tf.Tensor4D {
  const split = tensors.map(tensor => tf.split(tensor, groups, 3) as tf.Tensor4D[]);
  return tf.concat(
    Array.from({length: groups}, (_, group) => run(split.map(parts => parts[group]))),
    3,
  );
}
