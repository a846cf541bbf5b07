// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, equation 3; β as in PyTorch's smooth_l1_loss.
import * as tf from '@tensorflow/tfjs-core';
import {reduceLosses} from './reduceLosses.js';
import type {Reduction} from './softmaxCrossEntropy.js';

export interface SmoothL1LossOptions<R extends Reduction = Reduction> {
  /** Where the parabola becomes a line; 0 gives the absolute difference. @defaultValue 1 */
  beta?: number;
  /** @defaultValue 'mean' */
  reduction?: R;
}

/**
 * `d² / 2β` for differences d up to β, `|d| − β / 2` beyond: outliers do not take over. Differentiable in both.
 *
 * @param prediction - Any shape, float32.
 * @param target - The same shape.
 * @returns A scalar, or the shape of `prediction` with `reduction: 'none'`; float32. The mean of none is 0.
 * @throws TypeError if the shapes differ; RangeError if beta is negative.
 */
export function smoothL1Loss<R extends Reduction = 'mean'>(
  prediction: tf.Tensor,
  target: tf.Tensor,
  {beta = 1, reduction}: SmoothL1LossOptions<R> = {},
): R extends 'none' ? tf.Tensor : tf.Scalar {
  if (String(prediction.shape) !== String(target.shape)) {
    throw new TypeError(
      `smoothL1Loss: the shapes must be equal, got [${prediction.shape}] and [${target.shape}].`,
    );
  }
  if (!(beta >= 0)) throw new RangeError(`smoothL1Loss: beta must be 0 or more, got ${beta}.`);
  // With c the difference d clipped to ±β, the loss is c · (d − c/2) / β and its slope c / β.
  const losses = tf.customGrad((a, b, save) => {
    const difference = tf.sub(a as tf.Tensor, b as tf.Tensor);
    const slope = beta === 0 ? tf.sign(difference) : tf.div(tf.clipByValue(difference, -beta, beta), beta);
    const value = tf.mul(slope, tf.sub(difference, tf.mul(slope, beta / 2)));
    (save as tf.GradSaveFunc)([slope]);
    const gradFunc = (dy: tf.Tensor, [slope]: tf.Tensor[]) => {
      const gradient = tf.mul(dy, slope);
      return [gradient, tf.neg(gradient)];
    };
    return {value, gradFunc};
  });
  return tf.tidy(() => reduceLosses(losses(prediction, target), reduction));
}
