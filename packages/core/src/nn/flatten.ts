import * as tf from '@tensorflow/tfjs-core';
import {Module} from './module.js';

/**
 * Lays each image out as one row, channel after channel as PyTorch does, so that its fully connected weights fit as
 * they are. Differentiable in `x`.
 *
 * @param x - `[N, H, W, C]` float32; any other rank keeps its order.
 * @returns `[N, C · H · W]` float32.
 */
export function flatten(x: tf.Tensor): tf.Tensor2D {
  const shape: readonly number[] = x.shape;
  const row: [number, number] = [shape[0], tf.util.sizeFromShape(shape.slice(1))];
  if (x.rank !== 4 || row[1] === shape[3]) return tf.reshape(x, row);
  return channelsFirst(x) as tf.Tensor2D;
}

/** Keeps nothing for the gradient, where tfjs's reshape would keep the map. */
const channelsFirst = tf.customGrad((...args) => {
  const [x] = args as [tf.Tensor];
  const [count, height, width, channels] = x.shape;
  const value = tf.tidy(() => tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [count, -1]));
  const gradFunc = (dy: tf.Tensor) =>
    tf.tidy(() => tf.transpose(tf.reshape(dy, [count, channels, height, width]), [0, 2, 3, 1]));
  return {value, gradFunc};
});

/** {@link flatten} as a layer. */
export class Flatten extends Module {
  forward(x: tf.Tensor): tf.Tensor2D {
    return flatten(x);
  }
}
