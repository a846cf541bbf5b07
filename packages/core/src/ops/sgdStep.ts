// Momentum: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.
import type * as tf from '@tensorflow/tfjs-core';
import {optimizerStep} from './optimizerStep.js';

export const SgdStep = 'SgdStep';
export type SgdStepAttrs = Required<SgdStepOptions>;

/** Decay that is added to the gradient: `weightDecay · w + l1 · sign(w)`; both at once make an elastic net. */
export interface DecayOptions {
  /** L2. @defaultValue 0 */
  weightDecay?: number;
  /** L1. @defaultValue 0 */
  l1?: number;
}

export interface SgdStepOptions extends DecayOptions {
  learningRate: number;
  /** The share of the old velocity that stays. @defaultValue 0 */
  momentum?: number;
  /** The share of the gradient that does not enter the velocity. @defaultValue 0 */
  dampening?: number;
  /** Looks ahead along the new velocity. @defaultValue false */
  nesterov?: boolean;
  /** The first step sets the velocity to the gradient, whatever the dampening. @defaultValue false */
  first?: boolean;
}

/**
 * Stochastic gradient descent over all parameters at once, by PyTorch's formula: `v ← momentum · v + g`,
 * `w ← w − learningRate · v`; with Nesterov `w ← w − learningRate · (g + momentum · v)`.
 *
 * @param params - Float32 variables; assigned.
 * @param grads - One a parameter; not disposed.
 * @param momenta - One a parameter, assigned; empty when momentum is 0.
 */
export function sgdStep(
  params: readonly tf.Variable[],
  grads: readonly tf.Tensor[],
  momenta: readonly tf.Variable[],
  {
    learningRate,
    momentum = 0,
    dampening = 0,
    nesterov = false,
    weightDecay = 0,
    l1 = 0,
    first = false,
  }: SgdStepOptions,
): void {
  const attrs: SgdStepAttrs = {learningRate, momentum, dampening, nesterov, weightDecay, l1, first};
  optimizerStep(SgdStep, params, grads, momentum === 0 ? [] : [momenta], attrs);
}
