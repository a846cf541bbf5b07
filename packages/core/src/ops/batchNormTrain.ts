// Batch normalization: Ioffe & Szegedy, ICML 2015, arXiv:1502.03167, algorithm 1 and the gradients of section 3.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';
import {reluRule} from './reluGradient.js';

export const BatchNormTrain = 'BatchNormTrain';
export const BatchNormTrainGrad = 'BatchNormTrainGrad';
export type BatchNormTrainAttrs = Required<BatchNormOptions>;

export interface BatchNormOptions {
  /** Added to the variance. @defaultValue 1e-5 */
  epsilon?: number;
  /** Clips the result at zero in the same pass. @defaultValue false */
  relu?: boolean;
}

/**
 * Normalises each channel by the mean and variance of this batch.
 *
 * Differentiable in `x`, `gamma` and `beta`, through the statistics as well. `mean` and `variance` are there for
 * running averages: no gradient flows back through them. With `relu` the backward pass recomputes which values
 * were clipped, so only `x` is kept.
 *
 * @param x - `[..., C]` float32.
 * @param gamma - `[C]` float32, the scale.
 * @param beta - `[C]` float32, the shift.
 * @returns `y` like `x`; `mean` and `variance` `[C]`, the latter biased (divided by the count).
 * @throws TypeError if a shape is wrong; RangeError if there is nothing to average.
 */
export function batchNormTrain<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  {epsilon = 1e-5, relu = false}: BatchNormOptions = {},
): {y: T; mean: tf.Tensor1D; variance: tf.Tensor1D} {
  checkShapes('batchNormTrain', {x: [x, '... C'], gamma: [gamma, 'C'], beta: [beta, 'C']});
  if (x.size === 0) {
    throw new RangeError(`batchNormTrain: x has no values to average, its shape is [${x.shape.join(', ')}].`);
  }
  if (relu && reluRule() !== 'gradient') {
    // The fused kernel knows the derivative only.
    const {y, ...statistics} = batchNormTrain(x, gamma, beta, {epsilon});
    const clipped = tf.relu(y);
    y.dispose();
    return {y: clipped, ...statistics};
  }
  const attrs = {epsilon, relu} satisfies BatchNormTrainAttrs;
  let statistics: tf.Tensor1D[] = [];
  // As a GradConfig it would have three outputs, and tfjs would upload zeros as the gradient of two at every step.
  const normalise = tf.customGrad((...args) => {
    const [x, gamma, beta, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [value, ...rest] = tf.engine().runKernel<tf.Tensor[]>(BatchNormTrain, {x, gamma, beta}, attrs);
    statistics = rest.map(tensor => tf.keep(tensor as tf.Tensor1D)); // past the scope that customGrad opens
    save([x, gamma, beta, ...rest]);
    const gradFunc = (dy: tf.Tensor, [x, gamma, beta, mean, variance]: tf.Tensor[]) =>
      tf.engine().runKernel<tf.Tensor[]>(BatchNormTrainGrad, {dy, x, gamma, beta, mean, variance}, attrs);
    return {value, gradFunc};
  });
  const y = normalise(x, gamma, beta) as T;
  const [mean, variance] = statistics.map(kept => tf.clone(kept));
  tf.dispose(statistics);
  return {y, mean, variance};
}
