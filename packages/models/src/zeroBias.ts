import * as tf from '@tensorflow/tfjs-core';

/** Sets the bias of a layer to zero, as the heads of detectors start. @returns The layer. */
export function zeroBias<M extends {bias: tf.Variable | null}>(layer: M): M {
  const {bias} = layer;
  if (bias) tf.tidy(() => bias.assign(tf.zerosLike(bias)));
  return layer;
}
