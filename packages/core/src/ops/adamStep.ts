// Adam: Kingma & Ba, ICLR 2015, arXiv:1412.6980, algorithm 1. Decoupled decay: Loshchilov & Hutter, "Decoupled
// Weight Decay Regularization", ICLR 2019, arXiv:1711.05101, algorithm 2.
import type * as tf from '@tensorflow/tfjs-core';
import {optimizerStep} from './optimizerStep.js';
import type {DecayOptions} from './sgdStep.js';

export const AdamStep = 'AdamStep';
export type AdamStepAttrs = Required<AdamStepOptions>;

export interface AdamStepOptions extends DecayOptions {
  learningRate: number;
  /** @defaultValue 0.9 */
  beta1?: number;
  /** @defaultValue 0.999 */
  beta2?: number;
  /** @defaultValue 1e-8 */
  epsilon?: number;
  /** AdamW: `w ← w − learningRate · weightDecay · w` first; the gradient is left alone by L2. @defaultValue false */
  decoupled?: boolean;
  /** Counts from 1, for the bias correction. */
  step: number;
}

/**
 * Adam over all parameters at once: `m ← β1 · m + (1 − β1) · g`, `v ← β2 · v + (1 − β2) · g²`,
 * `w ← w − learningRate · m̂ / (√v̂ + ε)` with `m̂ = m / (1 − β1^step)` and `v̂ = v / (1 − β2^step)`.
 *
 * @param params - Float32 variables; assigned.
 * @param grads - One a parameter; not disposed.
 * @param firstMoments - One a parameter; assigned.
 * @param secondMoments - One a parameter; assigned.
 */
export function adamStep(
  params: readonly tf.Variable[],
  grads: readonly tf.Tensor[],
  firstMoments: readonly tf.Variable[],
  secondMoments: readonly tf.Variable[],
  {
    learningRate,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    weightDecay = 0,
    l1 = 0,
    decoupled = false,
    step,
  }: AdamStepOptions,
): void {
  const attrs: AdamStepAttrs = {learningRate, beta1, beta2, epsilon, weightDecay, l1, decoupled, step};
  optimizerStep(AdamStep, params, grads, [firstMoments, secondMoments], attrs);
}
