import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';

/** The same values in another shape, where -1 stands for what is left; a view where torch can make one. */
export const reshape = (x: tf.TensorInfo, shape: readonly number[]) =>
  run('aten::reshape', x, tf.util.inferFromImplicitShape([...shape], tf.util.sizeFromShape(x.shape)));
