// Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, arXiv:1708.02002, equation 5, over a softmax.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

export interface FocalLossOptions {
  /** How strongly what is already right is played down; 0 gives the cross-entropy. @defaultValue 2 */
  gamma?: number;
  /** `[C]` float32, the paper's α: how much each class counts. @defaultValue all 1 */
  weights?: tf.Tensor1D | undefined;
  /** The label of rows that do not count. @defaultValue 255 */
  ignoreIndex?: number;
}

/**
 * Cross-entropy in which each row counts by how wrong it is: `−α·(1 − p)^γ·log p`, where p is the probability of the
 * label. The mean over the rows that count, not over their weights. Differentiable in `logits`.
 *
 * @param logits - `[..., C]` float32, unnormalised: rows, or maps of pixels.
 * @param labels - `[...]` int32 in `[0, C)`, or `ignoreIndex`.
 * @returns A float32 scalar; NaN where no row counts.
 * @throws TypeError if a shape or dtype is wrong; RangeError if `gamma` is negative.
 */
export function focalLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  {gamma = 2, weights, ignoreIndex = 255}: FocalLossOptions = {},
): tf.Scalar {
  const axes = labels.shape.map((_, axis) => `D${axis}`).join(' ');
  const {C} = checkShapes(
    'focalLoss',
    {
      logits: [logits, `${axes} C`],
      labels: [labels, axes, 'int32'],
      ...(weights && {weights: [weights, 'C'] as const}),
    },
    'Labels are class numbers, not one-hot rows.',
  );
  if (!(gamma >= 0)) throw new RangeError(`focalLoss: gamma must be 0 or more, got ${gamma}.`);
  return tf.tidy(() => {
    const rows = tf.logSoftmax(tf.reshape(logits, [-1, C]) as tf.Tensor2D);
    const flat = tf.reshape(labels, [-1]) as tf.Tensor1D;
    const counts = tf.cast(tf.notEqual(flat, ignoreIndex), 'float32');
    // Cast after: WebAssembly's one-hot writes integers whatever the dtype.
    const truth = tf.mul(tf.cast(tf.oneHot(flat, C), 'float32'), tf.expandDims(counts, 1));
    const logChance = tf.sum(tf.mul(rows, truth), 1);
    const share = weights ? tf.sum(tf.mul(truth, weights), 1) : counts;
    // At least a little wrong: the power of zero has no gradient.
    const wrong = tf.maximum(tf.sub(1, tf.exp(logChance)), 1e-12);
    const losses = tf.mul(tf.neg(logChance), tf.mul(share, gamma === 0 ? 1 : tf.pow(wrong, gamma)));
    return tf.div(tf.sum(losses), tf.sum(counts)) as tf.Scalar;
  });
}
