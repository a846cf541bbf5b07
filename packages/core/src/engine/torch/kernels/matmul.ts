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
    einsum(equation, Object.values(tensors)),
  ),
};

function multiply(
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  bias?: tf.TensorInfo,
): tf.TensorInfo {
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new TypeError(
      `matMul: both must be matrices, got shapes [${a.shape}] and [${b.shape}]. Use tf.dot for vectors.`,
    );
  }
  const left = transposeA ? swapped(a) : a;
  const right = transposeB ? swapped(b) : b;
  // On CUDA torch multiplies no integers; a double holds every sum of theirs that an int32 could.
  if (a.dtype === 'int32' || a.dtype === 'bool') {
    const product = dtyped(run('aten::matmul', dtyped(left, 'float64'), dtyped(right, 'float64')), a.dtype);
    return bias ? run('aten::add.Tensor', product, bias) : product;
  }
  if (bias && bias.shape.length === 1 && a.shape.length === 2 && b.shape.length === 2) {
    return run('aten::addmm', bias, left, right);
  }
  const product = run('aten::matmul', left, right);
  return bias ? run('aten::add.Tensor', product, bias) : product;
}

const swapped = (x: tf.TensorInfo) => run('aten::transpose.int', x, -2, -1);

/** tfjs's own checks come first, with the errors that its users know. */
function einsum(equation: string, tensors: tf.TensorInfo[]): tf.TensorInfo {
  const {allDims, idDims} = tf.backend_util.decodeEinsumEquation(equation, tensors.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as tf.Tensor[]);
  return run('aten::einsum', equation, tensors);
}
