import {type RmsPropStepOptions, rmsPropStep} from '../ops/rmsPropStep.js';
import {checkRates} from './checkRates.js';
import {type Batch, Optimizer, type OptimizerOptions} from './optimizer.js';
import type {ParameterList} from './parameterGroup.js';

export interface RmsPropOptions
  extends Partial<OptimizerOptions>,
    Pick<RmsPropStepOptions, 'alpha' | 'epsilon' | 'momentum'> {
  /** @defaultValue 0.01 */
  learningRate?: number;
}

/** AdaGrad with a leak: gradients are divided by a running mean of their size. */
export class RmsProp extends Optimizer {
  readonly alpha: number;
  readonly epsilon: number;
  readonly momentum: number;

  constructor(parameters: ParameterList, options: RmsPropOptions = {}) {
    const {alpha = 0.99, epsilon = 1e-8, momentum = 0} = options;
    super(parameters, momentum > 0 ? ['square_average', 'momentum'] : ['square_average'], {
      learningRate: 0.01,
      ...options,
    });
    checkRates('RmsProp', {alpha, epsilon, momentum});
    this.alpha = alpha;
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  protected override update({parameters, gradients, states, step: _, ...rates}: Batch): void {
    const {alpha, epsilon, momentum} = this;
    rmsPropStep(parameters, gradients, states[0], states[1] ?? [], {...rates, alpha, epsilon, momentum});
  }
}
