// The passthrough layer: Redmon & Farhadi, "YOLO9000", CVPR 2017, arXiv:1612.08242, section 2, "Fine-Grained Features".
import {Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Makes a map `stride` times smaller and `stride²` times deeper, losing nothing. The order of the values is darknet's,
 * whose weights are trained with it: its C code reads the map `[C, H, W]` as one of `[C / stride², H · stride,
 * W · stride]`, takes the pixels apart there, and writes them in rows of the wrong length.
 */
export class Reorg extends Module {
  readonly stride: number;

  constructor(stride: number) {
    super();
    this.stride = stride;
  }

  /** @param x - `[N, H, W, C]` float32. @returns `[N, H / stride, W / stride, C · stride²]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const [n, height, width, channels] = x.shape;
    const s = this.stride;
    return tf.tidy(() => {
      const planes = tf.transpose(x, [0, 3, 1, 2]);
      const misread = tf.reshape(planes, [n, channels / s ** 2, height, s, width, s]);
      const apart = tf.transpose(misread, [0, 3, 5, 1, 2, 4]);
      const deep = tf.reshape(apart, [n, channels * s ** 2, height / s, width / s]);
      return tf.transpose(deep as tf.Tensor4D, [0, 2, 3, 1]);
    });
  }
}
