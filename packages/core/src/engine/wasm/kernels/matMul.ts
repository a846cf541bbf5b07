import * as tf from '@tensorflow/tfjs-core';
import {matMulInto, withParts} from '../nativeCalls.js';
import {transpose2d} from '../transpose2d.js';
import {allocate, type BackendWasm, floats, startOf, wasmKernel} from '../wasmKernel.js';

/** Below this many multiplications, setting XNNPACK up costs more than it saves. */
const worthwhile = 4096;

/**
 * Matrix products by XNNPACK also where an operand is transposed or there are several: tfjs's own kernel runs
 * those at a tenth of the speed.
 */
export const batchMatMul = (stock: tf.KernelFunc) =>
  wasmKernel<Record<'a' | 'b', tf.TensorInfo>, tf.BatchMatMulAttrs>(
    tf.BatchMatMul,
    (inputs, attrs, backend) => {
      const {a, b} = inputs;
      const {transposeA, transposeB} = attrs;
      const [aBatch, bBatch] = [a, b].map(({shape}) => shape.slice(0, -2));
      const [aCount, bCount] = [aBatch, bBatch].map(tf.util.sizeFromShape);
      const [rows, inner] = lastTwo(a, transposeA);
      const [innerB, columns] = lastTwo(b, transposeB);
      const plain = !transposeA && !transposeB && aCount === 1 && bCount === 1;
      const known = a.dtype === 'float32' && b.dtype === 'float32' && inner === innerB;
      // Batches that broadcast along some axes only are as rare as they are fiddly.
      const aligned = tf.util.arraysEqual(aBatch, bBatch) || aCount === 1 || bCount === 1;
      if (!known || plain || !aligned || rows * inner * columns < worthwhile) {
        return stock({inputs, attrs: {...attrs}, backend});
      }
      const batch = tf.backend_util.assertAndGetBroadcastShape(aBatch, bBatch);
      const out = allocate(backend, [...batch, rows, columns]);
      const left = transposeA ? transposed(backend, a) : a;
      const right = transposeB ? transposed(backend, b) : b;
      withParts(backend, part => {
        const shared = bCount === 1 ? part(startOf(backend, right), inner * columns) : 0;
        for (let i = 0; i < Math.max(aCount, bCount); i++) {
          const from = part(startOf(backend, left) + (aCount === 1 ? 0 : i * rows * inner), rows * inner);
          const by = shared || part(startOf(backend, right) + i * inner * columns, inner * columns);
          const to = part(startOf(backend, out) + i * rows * columns, rows * columns);
          matMulInto(backend, to, from, by, [rows, inner, columns]);
        }
      });
      if (left !== a) backend.disposeData(left.dataId);
      if (right !== b) backend.disposeData(right.dataId);
      return out;
    },
  );

/** The fused form: operands are turned first, and the library does the rest. */
export const fusedMatMul = (stock: tf.KernelFunc) =>
  wasmKernel<Record<'a' | 'b', tf.TensorInfo>, tf._FusedMatMulAttrs>(
    tf._FusedMatMul,
    (inputs, attrs, backend) => {
      const {a, b} = inputs;
      const {transposeA, transposeB} = attrs;
      const floats32 = a.dtype === 'float32' && b.dtype === 'float32';
      const left = transposeA && floats32 ? transposed(backend, a) : a;
      const right = transposeB && floats32 ? transposed(backend, b) : b;
      const out = stock({
        inputs: {...inputs, a: left, b: right},
        attrs: {...attrs, transposeA: transposeA && left === a, transposeB: transposeB && right === b},
        backend,
      });
      if (left !== a) backend.disposeData(left.dataId);
      if (right !== b) backend.disposeData(right.dataId);
      return out;
    },
  );

function lastTwo({shape}: tf.TensorInfo, transpose: boolean): [number, number] {
  const [first, second] = shape.slice(-2);
  return transpose ? [second, first] : [first, second];
}

/** The last two axes exchanged, in a tensor of its own. */
function transposed(backend: BackendWasm, x: tf.TensorInfo): tf.TensorInfo {
  const [rows, columns] = x.shape.slice(-2);
  const batch = x.shape.slice(0, -2);
  const out = allocate(backend, [...batch, columns, rows]);
  const [from, to] = [floats(backend, x), floats(backend, out)];
  for (let i = 0; i < tf.util.sizeFromShape(batch); i++) {
    transpose2d(from, i * rows * columns, to, i * rows * columns, rows, columns);
  }
  return out;
}
