import * as tf from '@tensorflow/tfjs-core';
import {untaped} from '../nn/untaped.js';
import {checkShapes} from '../shapes.js';

export const TopKIndices = 'TopKIndices';
export interface TopKIndicesAttrs {
  k: number;
}

/**
 * Where the k highest scores are, without sorting the others. The indices are constants to the gradient (`tf.topk`
 * would be asked for one).
 *
 * @param scores - `[K]` float32; NaN counts as the lowest.
 * @param k - How many; all, if there are fewer.
 * @returns `[min(k, K)]` int32 in `[0, K)`, by falling score; equal scores keep their order.
 * @throws TypeError if the shape or dtype is wrong; RangeError if k is no whole number.
 */
export function topKIndices(scores: tf.Tensor1D, k: number): tf.Tensor1D {
  const {K} = checkShapes('topKIndices', {scores: [scores, 'K']});
  if (!(Number.isInteger(k) && k >= 0)) {
    throw new RangeError(`topKIndices: k must be a whole number of 0 or more, got ${k}.`);
  }
  const attrs = {k: Math.min(k, K)} satisfies TopKIndicesAttrs;
  return untaped(() => tf.engine().runKernel<tf.Tensor1D>(TopKIndices, {scores}, {...attrs}));
}
