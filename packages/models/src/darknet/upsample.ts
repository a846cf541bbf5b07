import {Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Repeats each pixel `stride` times along both axes, and multiplies by `scale`. */
export class Upsample extends Module {
  readonly stride: number;
  readonly scale: number;

  constructor({stride, scale = 1}: {stride: number; scale?: number}) {
    super();
    this.stride = stride;
    this.scale = scale;
  }

  /** @param x - `[N, H, W, C]` float32. @returns `[N, H · stride, W · stride, C]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const [n, height, width, channels] = x.shape;
    const s = this.stride;
    return tf.tidy(() => {
      // In memory a row of s times the channels is a row of s times the pixels.
      const tiled = tf.tile(tf.reshape(x, [n * height, 1, width, channels]), [1, s, 1, s]);
      const y = tf.reshape(tiled, [n, height * s, width * s, channels]) as tf.Tensor4D;
      return this.scale === 1 ? y : tf.mul(y, this.scale);
    });
  }
}
