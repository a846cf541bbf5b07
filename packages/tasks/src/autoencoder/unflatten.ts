import {Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** The inverse of core's `flatten`: rows become images again, read channel after channel. */
export class Unflatten extends Module {
  readonly shape: readonly [height: number, width: number, channels: number];

  constructor(shape: readonly [number, number, number]) {
    super();
    this.shape = shape;
  }

  /** @param x - `[N, C · H · W]` float32. @returns `[N, H, W, C]`. Differentiable. */
  forward(x: tf.Tensor): tf.Tensor4D {
    const [height, width, channels] = this.shape;
    if (channels === 1) return tf.reshape(x, [-1, height, width, 1]);
    return tf.tidy(() => tf.transpose(tf.reshape(x, [-1, channels, height, width]), [0, 2, 3, 1]));
  }
}
