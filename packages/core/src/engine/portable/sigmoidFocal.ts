import * as tf from '@tensorflow/tfjs-core';
import {SigmoidFocal, type SigmoidFocalAttrs, SigmoidFocalGrad} from '../../ops/sigmoidFocalLoss.js';
import {portableKernel} from './portableKernel.js';

type Inputs = Record<'logits' | 'targets', tf.Tensor>;

export const sigmoidFocal = portableKernel<Inputs, SigmoidFocalAttrs>(
  SigmoidFocal,
  ({logits, targets}, {alpha, gamma}) =>
    tf.tidy(() => {
      const losses = crossEntropy(logits, targets);
      if (gamma === 0) return tf.mul(losses, shares(targets, alpha));
      const power = tf.pow(terms(logits, targets).wrong, gamma);
      return tf.mul(tf.mul(losses, power), shares(targets, alpha));
    }),
);

/** d/dx w^γ · CE = w^γ · (p − t) + γ · w^(γ−1) · p · (1 − p) · (1 − 2t) · CE, where w is how wrong p is. */
export const sigmoidFocalGrad = portableKernel<Inputs & {dy: tf.Tensor}, SigmoidFocalAttrs>(
  SigmoidFocalGrad,
  ({dy, logits, targets}, {alpha, gamma}) =>
    tf.tidy(() => {
      const {p, q, wrong} = terms(logits, targets);
      const upstream = tf.mul(dy, shares(targets, alpha));
      if (gamma === 0) return tf.mul(upstream, tf.sub(p, targets));
      const power = tf.pow(tf.maximum(wrong, 1e-30), gamma - 1);
      const slope = tf.mul(tf.mul(p, q), tf.sub(1, tf.mul(targets, 2)));
      const played = tf.mul(tf.mul(slope, gamma), crossEntropy(logits, targets));
      return tf.mul(upstream, tf.mul(power, tf.add(tf.mul(wrong, tf.sub(p, targets)), played)));
    }),
);

/** −t · log p − (1 − t) · log(1 − p), in the form that no logit makes infinite. */
function crossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const rest = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
  return tf.add(tf.sub(tf.relu(logits), tf.mul(logits, targets)), rest);
}

/** p, 1 − p without cancellation, and how wrong p is. */
function terms(logits: tf.Tensor, targets: tf.Tensor): Record<'p' | 'q' | 'wrong', tf.Tensor> {
  const [p, q] = [tf.sigmoid(logits), tf.sigmoid(tf.neg(logits))];
  return {p, q, wrong: tf.add(tf.mul(targets, q), tf.mul(tf.sub(1, targets), p))};
}

const shares = (targets: tf.Tensor, alpha: number) =>
  alpha < 0 ? tf.scalar(1) : tf.add(tf.mul(targets, 2 * alpha - 1), 1 - alpha);
