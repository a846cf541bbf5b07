import type * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';

/** The tensor in another dtype; itself where it has that already. Floats are cut towards zero. */
export const dtyped = (x: tf.TensorInfo, dtype: tf.DataType | 'float64'): tf.TensorInfo =>
  x.dtype === dtype ? x : run('aten::to.dtype', x, dtype);

/** For operators that torch has for real numbers only. */
export const floating = (x: tf.TensorInfo): tf.TensorInfo => dtyped(x, 'float32');

/** Torch's indices and integer sums are int64, which tfjs has not. */
export const int32 = (x: tf.TensorInfo): tf.TensorInfo => run('aten::to.dtype', x, 'int32');

/** For operators of torch that want their indices so. */
export const int64 = (x: tf.TensorInfo): tf.TensorInfo => run('aten::to.dtype', x, 'int64');
