import * as tf from '@tensorflow/tfjs-core';
import {IndicesWhere} from '../../ops/indicesWhere.js';
import {portableKernel} from './portableKernel.js';

export const indicesWhere = portableKernel<{mask: tf.Tensor1D}, object>(IndicesWhere, ({mask}) => {
  const found: number[] = [];
  mask.dataSync<'int32'>().forEach((value, i) => {
    if (value) found.push(i);
  });
  return tf.tensor1d(found, 'int32');
});
