// AdaDelta: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, arXiv:1212.5701, algorithm 1.
import type * as tf from '@tensorflow/tfjs-core';
import {optimizerStep} from './optimizerStep.js';
import type {DecayOptions} from './sgdStep.js';

export const AdaDeltaStep = 'AdaDeltaStep';
export type AdaDeltaStepAttrs = Required<AdaDeltaStepOptions>;

export interface AdaDeltaStepOptions extends DecayOptions {
  /** Scales the paper's step. @defaultValue 1 */
  learningRate?: number;
  /** The share of the old averages that stays. @defaultValue 0.9 */
  rho?: number;
  /** @defaultValue 1e-6 */
  epsilon?: number;
}

/**
 * AdaDelta over all parameters at once: `s ← ρ · s + (1 − ρ) · g²`, `δ = √(a + ε) / √(s + ε) · g`,
 * `a ← ρ · a + (1 − ρ) · δ²`, `w ← w − learningRate · δ`.
 *
 * @param params - Float32 variables; assigned.
 * @param grads - One a parameter; not disposed.
 * @param squareAverages - `s`, one a parameter; assigned.
 * @param accumulatedDeltas - `a`, one a parameter; assigned.
 */
export function adaDeltaStep(
  params: readonly tf.Variable[],
  grads: readonly tf.Tensor[],
  squareAverages: readonly tf.Variable[],
  accumulatedDeltas: readonly tf.Variable[],
  {learningRate = 1, rho = 0.9, epsilon = 1e-6, weightDecay = 0, l1 = 0}: AdaDeltaStepOptions = {},
): void {
  const attrs: AdaDeltaStepAttrs = {learningRate, rho, epsilon, weightDecay, l1};
  optimizerStep(AdaDeltaStep, params, grads, [squareAverages, accumulatedDeltas], attrs);
}
