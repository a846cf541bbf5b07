import type * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';

/** The tensor in another dtype; itself where it has that already. Floats are cut towards zero. */
export const dtyped = (x: tf.TensorInfo, dtype: tf.DataType | 'float64'): tf.TensorInfo =>
  x.dtype === dtype ? x : run('aten::to.dtype', x, dtype);

/** For operators that torch has for real numbers only. */
export const floating = (x: tf.TensorInfo): tf.TensorInfo => dtyped(x, 'float32');

/** For operators of torch that want their indices so. */
export const int64 = (x: tf.TensorInfo): tf.TensorInfo => run('aten::to.dtype', x, 'int64');
