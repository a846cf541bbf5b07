import * as tf from '@tensorflow/tfjs-core';

/**
 * Every `strides[0]`-th row and `strides[1]`-th column, from the first on: a pooling with 1 × 1 windows, for which
 * WebAssembly has no kernel. Differentiable in `x`, unlike tfjs's stridedSlice.
 *
 * @param x - `[N, H, W, C]` float32.
 * @returns `[N, ceil(H / strides[0]), ceil(W / strides[1]), C]` float32.
 */
export function subsample(x: tf.Tensor4D, strides: readonly [number, number]): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const [rows, columns] = [Math.ceil(height / strides[0]), Math.ceil(width / strides[1])];
  return tf.tidy(() => {
    const [below, right] = [rows * strides[0] - height, columns * strides[1] - width];
    const whole = tf.pad(x, [
      [0, 0],
      [0, below],
      [0, right],
      [0, 0],
    ]);
    const cells = tf.reshape(whole, [n * rows, strides[0], columns, strides[1] * channels]);
    const first = tf.slice(cells, [0, 0, 0, 0], [n * rows, 1, columns, channels]);
    return tf.reshape(first, [n, rows, columns, channels]);
  });
}
