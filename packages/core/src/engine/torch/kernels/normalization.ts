import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

export const normalization: KernelTable = {
  [tf.FusedBatchNorm]: kernel<tf.FusedBatchNormInputs, tf.FusedBatchNormAttrs>(
    ({x, mean, variance, offset, scale}, {varianceEpsilon}) => {
      // One value a channel, as nearly always: one pass over the image.
      if (scale && offset && [mean, variance, scale, offset].every(({shape}) => shape.length === 1)) {
        return run('foveal::batch_norm_eval', x, scale, offset, mean, variance, varianceEpsilon, false);
      }
      const inverse = run('aten::rsqrt', run('aten::add.Scalar', variance, varianceEpsilon));
      const factor = scale ? run('aten::mul.Tensor', inverse, scale) : inverse;
      const centred = run('aten::sub.Tensor', x, mean);
      if (!offset) return run('aten::mul_.Tensor', centred, factor);
      return run('aten::addcmul', offset, centred, factor);
    },
  ),
  // Torch's alpha is for the mean of the squares, tfjs's for their sum.
  [tf.LRN]: kernel<tf.LRNInputs, tf.LRNAttrs>(({x}, {depthRadius, alpha, beta, bias}) => {
    const size = 2 * depthRadius + 1;
    return run('foveal::local_response_norm', x, size, alpha * size, beta, bias);
  }),
  [tf.LRNGrad]: kernel<tf.LRNGradInputs, tf.LRNGradAttrs>(({x, dy}, {depthRadius, alpha, beta, bias}) => {
    const size = 2 * depthRadius + 1;
    return run('foveal::local_response_norm_grad', dy, x, size, alpha * size, beta, bias);
  }),
};
