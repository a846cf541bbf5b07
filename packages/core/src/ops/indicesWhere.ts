import * as tf from '@tensorflow/tfjs-core';
import {untaped} from '../nn/untaped.js';
import {checkShapes} from '../shapes.js';

export const IndicesWhere = 'IndicesWhere';

/**
 * Where a condition holds, for `tf.gather`. Unlike `tf.whereAsync` it is synchronous, so it can stand in a training
 * step; it waits for the device, for how many there are is part of the shape. The indices are constants to the
 * gradient.
 *
 * @param mask - `[K]` bool, or int32 where any value but 0 holds.
 * @returns `[M]` int32 in `[0, K)`, rising.
 * @throws TypeError if the shape or dtype is wrong.
 */
export function indicesWhere(mask: tf.Tensor1D): tf.Tensor1D {
  const dtype = mask.dtype === 'int32' ? 'int32' : 'bool';
  checkShapes('indicesWhere', {mask: [mask, 'K', dtype]}, 'Compare first, e.g. tf.greater(scores, 0.05).');
  return untaped(() => tf.engine().runKernel<tf.Tensor1D>(IndicesWhere, {mask}));
}
