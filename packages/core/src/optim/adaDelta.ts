import {type AdaDeltaStepOptions, adaDeltaStep} from '../ops/adaDeltaStep.js';
import {checkRates} from './checkRates.js';
import {type Batch, Optimizer, type OptimizerOptions} from './optimizer.js';
import type {ParameterList} from './parameterGroup.js';

export interface AdaDeltaOptions
  extends Partial<OptimizerOptions>,
    Pick<AdaDeltaStepOptions, 'rho' | 'epsilon'> {
  /** @defaultValue 1, the paper's step */
  learningRate?: number;
}

/** Steps in proportion to the steps before, so that no learning rate needs to be found. */
export class AdaDelta extends Optimizer {
  readonly rho: number;
  readonly epsilon: number;

  constructor(parameters: ParameterList, options: AdaDeltaOptions = {}) {
    const {rho = 0.9, epsilon = 1e-6} = options;
    super(parameters, ['square_average', 'accumulated_delta'], {learningRate: 1, ...options});
    checkRates('AdaDelta', {rho, epsilon});
    this.rho = rho;
    this.epsilon = epsilon;
  }

  protected override update({parameters, gradients, states, step: _, ...rates}: Batch): void {
    adaDeltaStep(parameters, gradients, states[0], states[1], {
      ...rates,
      rho: this.rho,
      epsilon: this.epsilon,
    });
  }
}
