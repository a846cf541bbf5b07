import {AdaDelta, AdaGrad, Adam, AdamW, type Optimizer, RmsProp, Sgd} from '@foveal/core';
import type {Variable} from '@tensorflow/tfjs-core';

type Rates = {learningRate: number; weightDecay: number; maxNorm?: number | undefined};
type Make = (parameters: readonly Variable[], rates: Rates) => Optimizer;

/** The optimizers by name, each with the learning rate its authors start from. */
const optimizers = {
  sgd: {learningRate: 0.1, make: (p, rates) => new Sgd(p, {...rates, momentum: 0.9, nesterov: true})},
  adam: {learningRate: 1e-3, make: (p, rates) => new Adam(p, rates)},
  adamw: {learningRate: 1e-3, make: (p, rates) => new AdamW(p, rates)},
  rmsprop: {learningRate: 1e-3, make: (p, rates) => new RmsProp(p, rates)},
  adagrad: {learningRate: 1e-2, make: (p, rates) => new AdaGrad(p, rates)},
  adadelta: {learningRate: 1, make: (p, rates) => new AdaDelta(p, rates)},
} as const satisfies Record<string, {learningRate: number; make: Make}>;

export type OptimizerName = keyof typeof optimizers;
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

/** The learning rate that suits an optimizer when nothing is known of the task. */
export const defaultLearningRate = (name: OptimizerName): number => optimizers[name].learningRate;

/** Makes the optimizer that the settings name. */
export function makeOptimizer(
  parameters: readonly Variable[],
  {optimizer, ...rates}: {optimizer: OptimizerName} & Rates,
): Optimizer {
  return optimizers[optimizer].make(parameters, rates);
}
