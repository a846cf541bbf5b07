// Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, arXiv:1708.02002, equation 5.
import * as tf from '@tensorflow/tfjs-core';
import {reduceLosses} from './reduceLosses.js';
import type {Reduction} from './softmaxCrossEntropy.js';

export const SigmoidFocal = 'SigmoidFocal';
export const SigmoidFocalGrad = 'SigmoidFocalGrad';
/** `alpha` below 0: positives and negatives count alike. */
export type SigmoidFocalAttrs = {alpha: number; gamma: number};

export interface SigmoidFocalLossOptions<R extends Reduction = Reduction> {
  /** How much positives count, in [0, 1]; negatives count the rest. Below 0 both count fully. @defaultValue 0.25 */
  alpha?: number;
  /** How strongly what is already right is played down; 0 gives the cross-entropy. @defaultValue 2 */
  gamma?: number;
  /** @defaultValue 'mean' */
  reduction?: R;
}

/**
 * The binary cross-entropy of each logit, `−α·(1 − p)^γ·log p` where p is the probability given to the truth.
 * Differentiable in `logits`; targets are constants. Finite for every finite logit.
 *
 * @param logits - Any shape, float32, before the sigmoid.
 * @param targets - The same shape, float32 in [0, 1].
 * @returns A scalar, or the shape of `logits` with `reduction: 'none'`; float32. The mean of none is 0.
 * @throws TypeError if the shapes differ; RangeError if an option is out of range.
 */
export function sigmoidFocalLoss<R extends Reduction = 'mean'>(
  logits: tf.Tensor,
  targets: tf.Tensor,
  {alpha = 0.25, gamma = 2, reduction}: SigmoidFocalLossOptions<R> = {},
): R extends 'none' ? tf.Tensor : tf.Scalar {
  checkPair('sigmoidFocalLoss', logits, targets);
  if (!(gamma >= 0 && alpha <= 1)) {
    throw new RangeError(
      `sigmoidFocalLoss: gamma must be 0 or more and alpha at most 1, got ${gamma} and ${alpha}.`,
    );
  }
  return tf.tidy(() => reduceLosses(sigmoidFocal(logits, targets, {alpha, gamma}), reduction));
}

export interface SigmoidCrossEntropyOptions<R extends Reduction = Reduction> {
  /** How much each counts: float32 of the shape of `logits`, or one that broadcasts to it. @defaultValue all 1 */
  weights?: tf.Tensor | undefined;
  /** The mean divides by the number of logits, whatever their weights, as PyTorch does. @defaultValue 'mean' */
  reduction?: R;
}

/**
 * The binary cross-entropy of each logit on its own: for labels that do not exclude each other. Differentiable in
 * `logits`; targets are constants. Finite for every finite logit.
 *
 * @param logits - Any shape, float32, before the sigmoid.
 * @param targets - The same shape, float32 in [0, 1].
 * @returns A scalar, or the shape of `logits` with `reduction: 'none'`; float32. The mean of none is 0.
 * @throws TypeError if the shapes differ.
 */
export function sigmoidCrossEntropy<R extends Reduction = 'mean'>(
  logits: tf.Tensor,
  targets: tf.Tensor,
  {weights, reduction}: SigmoidCrossEntropyOptions<R> = {},
): R extends 'none' ? tf.Tensor : tf.Scalar {
  checkPair('sigmoidCrossEntropy', logits, targets);
  return tf.tidy(() => {
    const losses = sigmoidFocal(logits, targets, {alpha: -1, gamma: 0});
    return reduceLosses(weights ? tf.mul(losses, weights) : losses, reduction);
  });
}

function sigmoidFocal(logits: tf.Tensor, targets: tf.Tensor, attrs: SigmoidFocalAttrs): tf.Tensor {
  return tf.engine().runKernel(SigmoidFocal, {logits, targets}, attrs);
}

function checkPair(name: string, logits: tf.Tensor, targets: tf.Tensor): void {
  if (String(logits.shape) !== String(targets.shape)) {
    throw new TypeError(
      `${name}: logits and targets must have one shape, got [${logits.shape}] and [${targets.shape}].`,
    );
  }
  for (const [which, {dtype}] of Object.entries({logits, targets})) {
    if (dtype !== 'float32') {
      throw new TypeError(
        `${name}: ${which} must be float32, got ${dtype}. Convert it with tf.cast(${which}, 'float32').`,
      );
    }
  }
}

export const sigmoidFocalGradient: tf.GradConfig = {
  kernelName: SigmoidFocal,
  inputsToSave: ['logits', 'targets'],
  gradFunc(dy, [logits, targets], attrs) {
    const inputs = {dy: dy as tf.Tensor, logits, targets};
    return {
      logits: () => tf.engine().runKernel(SigmoidFocalGrad, inputs, attrs),
      targets: () => tf.zerosLike(targets), // tfjs throws if an input on the tape is left out
    };
  },
};
