// AdaGrad: Duchi, Hazan & Singer, "Adaptive Subgradient Methods", JMLR 12, 2011, the diagonal form of section 1.1.
import type * as tf from '@tensorflow/tfjs-core';
import {optimizerStep} from './optimizerStep.js';
import type {DecayOptions} from './sgdStep.js';

export const AdaGradStep = 'AdaGradStep';
export type AdaGradStepAttrs = Required<AdaGradStepOptions>;

export interface AdaGradStepOptions extends DecayOptions {
  learningRate: number;
  /** @defaultValue 1e-10 */
  epsilon?: number;
}

/**
 * AdaGrad over all parameters at once: `s ← s + g²`, `w ← w − learningRate · g / (√s + ε)`.
 *
 * @param params - Float32 variables; assigned.
 * @param grads - One a parameter; not disposed.
 * @param sums - One a parameter; assigned.
 */
export function adaGradStep(
  params: readonly tf.Variable[],
  grads: readonly tf.Tensor[],
  sums: readonly tf.Variable[],
  {learningRate, epsilon = 1e-10, weightDecay = 0, l1 = 0}: AdaGradStepOptions,
): void {
  const attrs: AdaGradStepAttrs = {learningRate, epsilon, weightDecay, l1};
  optimizerStep(AdaGradStep, params, grads, [sums], attrs);
}
