import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {activated, type FusedActivation} from './activation.js';
import {dtyped} from './dtype.js';
import {type KernelTable, kernel} from './kernelTable.js';

export const matmul: KernelTable = {
  [tf.BatchMatMul]: kernel<tf.BatchMatMulInputs, tf.BatchMatMulAttrs>(({a, b}, {transposeA, transposeB}) =>
    multiply(a, b, transposeA, transposeB),
  ),
  [tf._FusedMatMul]: kernel<tf._FusedMatMulInputs, tf._FusedMatMulAttrs & FusedActivation>(
    ({a, b, bias, preluActivationWeights}, attrs) =>
      activated(multiply(a, b, attrs.transposeA, attrs.transposeB, bias), attrs, preluActivationWeights),
  ),
  [tf.Einsum]: kernel<tf.TensorInfo[], tf.EinsumAttrs>((tensors, {equation}) =>
    run('aten::einsum', equation, Object.values(tensors)),
  ),
};

function multiply(
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  bias?: tf.TensorInfo,
): tf.TensorInfo {
  const left = transposeA ? swapped(a) : a;
  const right = transposeB ? swapped(b) : b;
  // On CUDA torch multiplies no integers; a double holds every sum of theirs that an int32 could.
  if (a.dtype !== 'float32') {
    const product = run('aten::matmul', dtyped(left, 'float64'), dtyped(right, 'float64'));
    const rounded = dtyped(product, a.dtype);
    return bias ? run('aten::add.Tensor', rounded, bias) : rounded;
  }
  if (bias && bias.shape.length === 1 && a.shape.length === 2 && b.shape.length === 2) {
    return run('aten::addmm', bias, left, right);
  }
  const product = run('aten::matmul', left, right);
  return bias ? run('aten::add.Tensor', product, bias) : product;
}

const swapped = (x: tf.TensorInfo) => run('aten::transpose.int', x, -2, -1);
