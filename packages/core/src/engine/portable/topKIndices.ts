import * as tf from '@tensorflow/tfjs-core';
import {TopKIndices, type TopKIndicesAttrs} from '../../ops/topKIndices.js';
import {byFallingScore} from './nonMaxSuppression.js';
import {portableKernel} from './portableKernel.js';

export const topKIndices = portableKernel<{scores: tf.Tensor1D}, TopKIndicesAttrs>(
  TopKIndices,
  ({scores}, {k}) =>
    tf.tensor1d(Int32Array.from(byFallingScore(scores.dataSync<'float32'>()).subarray(0, k)), 'int32'),
);
