import * as tf from '@tensorflow/tfjs-core';
import {type BackendWasm, wasmKernel} from '../wasmKernel.js';

/** The operations of two tensors that the library broadcasts at 200 ns a value, by looking up both indices. */
const slowlyBroadcast = [
  tf.Equal,
  tf.NotEqual,
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
  tf.Maximum,
  tf.Minimum,
  tf.Pow,
  tf.Mod,
  tf.FloorDiv,
  tf.Atan2,
] as const;

/** Repeats the smaller operand first, where it is more than one value and its repetition no mere cycle. */
export const broadcastKernels = (stock: (kernelName: string) => tf.KernelFunc): tf.KernelConfig[] =>
  slowlyBroadcast.map(kernelName => {
    const run = stock(kernelName);
    return wasmKernel<Record<'a' | 'b', tf.TensorInfo>>(kernelName, ({a, b}, attrs, backend) => {
      if (cycles(a, b) || a.dtype === 'string') return run({inputs: {a, b}, attrs: {...attrs}, backend});
      const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
      const [left, right] = [a, b].map(tensor => repeated(backend, tensor, shape));
      const out = run({inputs: {a: left, b: right}, attrs: {...attrs}, backend});
      if (left !== a) backend.disposeData(left.dataId);
      if (right !== b) backend.disposeData(right.dataId);
      return out;
    });
  });

/** Whether one shape ends with the other: the library is quick there. */
function cycles({shape: a}: tf.TensorInfo, {shape: b}: tf.TensorInfo): boolean {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  return (
    tf.util.sizeFromShape(a) * tf.util.sizeFromShape(b) === 0 ||
    tf.util.sizeFromShape(short) === 1 ||
    tf.util.sizeFromShape(long) === 1 ||
    short.every((size, axis) => size === long[long.length - short.length + axis])
  );
}

function repeated(backend: BackendWasm, x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  const full = [...Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
  if (tf.util.arraysEqual(x.shape, shape)) return x;
  const inputs = {x: {dataId: x.dataId, shape: full, dtype: x.dtype}};
  const attrs = {reps: shape.map((size, axis) => size / full[axis])};
  return tf.getKernel(tf.Tile, 'wasm').kernelFunc({inputs, attrs, backend}) as tf.TensorInfo;
}
