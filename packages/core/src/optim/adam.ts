import {type AdamStepOptions, adamStep} from '../ops/adamStep.js';
import {checkRates} from './checkRates.js';
import {type Batch, Optimizer, type OptimizerOptions} from './optimizer.js';
import type {ParameterList} from './parameterGroup.js';

export interface AdamOptions
  extends Partial<OptimizerOptions>,
    Pick<AdamStepOptions, 'beta1' | 'beta2' | 'epsilon'> {
  /** @defaultValue 1e-3 */
  learningRate?: number;
}

/** Momentum and a step length of its own for each value, both corrected for their start at zero. */
export class Adam extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly decoupled: boolean = false;

  constructor(parameters: ParameterList, options: AdamOptions = {}) {
    super(parameters, ['first_moment', 'second_moment'], {learningRate: 1e-3, ...options});
    const {beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8} = options;
    checkRates(new.target.name, {beta1, beta2, epsilon});
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  protected override update({parameters, gradients, states, ...rest}: Batch): void {
    const {beta1, beta2, epsilon, decoupled} = this;
    adamStep(parameters, gradients, states[0], states[1], {...rest, beta1, beta2, epsilon, decoupled});
  }
}

/** {@link Adam} whose weight decay shrinks the weights themselves, apart from the gradient. */
export class AdamW extends Adam {
  override readonly decoupled = true;

  /** @param options - As Adam's, but `weightDecay` has the default 0.01. */
  constructor(parameters: ParameterList, options: AdamOptions = {}) {
    super(parameters, {weightDecay: 0.01, ...options});
  }
}
