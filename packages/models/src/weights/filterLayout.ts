import * as tf from '@tensorflow/tfjs-core';
import type {WeightsTensor} from './weightsFile.js';

/**
 * A tensor of a weights file as the models hold it: filters `[out, in, h, w]` become `[h, w, in, out]`, everything else
 * stays. Transposed convolutions, stored `[in, out, h, w]`, become `[h, w, out, in]`, which is what tfjs wants, too.
 *
 * @returns A float32 tensor, or int32 for integers and bools; the caller owns it.
 */
export function toModelLayout({dtype, data, shape}: WeightsTensor): tf.Tensor {
  const kind = dtype === 'float32' ? 'float32' : 'int32';
  const values = dtype === 'float32' ? data : Int32Array.from(data);
  if (shape.length !== 4) return tf.tensor(values, shape, kind);
  const [out, inputs, height, width] = shape;
  const turned = swapInner(values, out, inputs, height * width);
  // In memory [out, h, w, in]: the native engine transposes without moving a byte and convolves in this order.
  return tf.tidy(() => tf.transpose(tf.tensor(turned, [out, height, width, inputs], kind), [1, 2, 3, 0]));
}

/**
 * The inverse of {@link toModelLayout}.
 *
 * @param data - The tensor's values, `shape` in row-major order, float32.
 * @returns The tensor as files hold it, with filters `[out, in, h, w]`.
 */
export function toFileLayout(data: Float32Array, shape: readonly number[]): WeightsTensor {
  if (shape.length !== 4) return {dtype: 'float32', data, shape: [...shape]};
  const [height, width, inputs, out] = shape;
  // [h·w, in·out] → [in·out, h·w], then [in, out, h·w] → [out, in, h·w].
  const planes = swapInner(data, 1, height * width, inputs * out);
  const turned = new Float32Array(data.length);
  const area = height * width;
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < out; o++) {
      const from = (i * out + o) * area;
      turned.set(planes.subarray(from, from + area), (o * inputs + i) * area);
    }
  }
  return {dtype: 'float32', data: turned, shape: [out, inputs, height, width]};
}

// [outer, rows, columns] → [outer, columns, rows].
function swapInner<A extends Float32Array | Int32Array>(
  from: A,
  outer: number,
  rows: number,
  columns: number,
): A {
  const to = new (from.constructor as new (length: number) => A)(from.length);
  for (let n = 0, base = 0; n < outer; n++, base += rows * columns) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) to[base + c * rows + r] = from[base + r * columns + c];
    }
  }
  return to;
}
