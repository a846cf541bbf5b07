// RMSProp: Tieleman & Hinton, "Neural Networks for Machine Learning", Coursera 2012, lecture 6.5.
import type * as tf from '@tensorflow/tfjs-core';
import {optimizerStep} from './optimizerStep.js';
import type {DecayOptions} from './sgdStep.js';

export const RmsPropStep = 'RmsPropStep';
export type RmsPropStepAttrs = Required<RmsPropStepOptions>;

export interface RmsPropStepOptions extends DecayOptions {
  learningRate: number;
  /** The share of the old average that stays. @defaultValue 0.99 */
  alpha?: number;
  /** @defaultValue 1e-8 */
  epsilon?: number;
  /** @defaultValue 0 */
  momentum?: number;
}

/**
 * RMSProp over all parameters at once, by PyTorch's formula: `s ← α · s + (1 − α) · g²`,
 * `w ← w − learningRate · g / (√s + ε)`; with momentum `v ← momentum · v + g / (√s + ε)` takes the quotient's place.
 *
 * @param params - Float32 variables; assigned.
 * @param grads - One a parameter; not disposed.
 * @param squareAverages - One a parameter; assigned.
 * @param momenta - One a parameter, assigned; empty when momentum is 0.
 */
export function rmsPropStep(
  params: readonly tf.Variable[],
  grads: readonly tf.Tensor[],
  squareAverages: readonly tf.Variable[],
  momenta: readonly tf.Variable[],
  {learningRate, alpha = 0.99, epsilon = 1e-8, momentum = 0, weightDecay = 0, l1 = 0}: RmsPropStepOptions,
): void {
  const attrs: RmsPropStepAttrs = {learningRate, alpha, epsilon, momentum, weightDecay, l1};
  const states = momentum === 0 ? [squareAverages] : [squareAverages, momenta];
  optimizerStep(RmsPropStep, params, grads, states, attrs);
}
