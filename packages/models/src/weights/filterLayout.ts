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
 * The inverse of {@link toModelLayout}: reads a tensor of any type, with filters turned to `[out, in, h, w]`. The values
 * are a copy, which no later step changes; the tensor stays the caller's.
 */
export async function toFileLayout(tensor: tf.Tensor): Promise<WeightsTensor> {
  const turned = tensor.rank === 4 ? tf.transpose(tensor, [3, 2, 0, 1]) : tf.clone(tensor);
  try {
    // An engine may hand out a view of its own memory.
    const data = (await turned.data()).slice();
    return {dtype: turned.dtype, shape: turned.shape.slice(), data} as WeightsTensor;
  } finally {
    turned.dispose();
  }
}

// [outer, rows, columns] → [outer, columns, rows].
function swapInner(from: Float32Array | Int32Array, outer: number, rows: number, columns: number) {
  const to = from instanceof Float32Array ? new Float32Array(from.length) : new Int32Array(from.length);
  for (let n = 0, base = 0; n < outer; n++, base += rows * columns) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) to[base + c * rows + r] = from[base + r * columns + c];
    }
  }
  return to;
}
