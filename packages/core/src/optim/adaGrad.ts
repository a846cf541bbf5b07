import {adaGradStep} from '../ops/adaGradStep.js';
import {checkRates} from './checkRates.js';
import {type Batch, Optimizer, type OptimizerOptions} from './optimizer.js';
import type {ParameterList} from './parameterGroup.js';

export interface AdaGradOptions extends Partial<OptimizerOptions> {
  /** @defaultValue 0.01 */
  learningRate?: number;
  /** @defaultValue 1e-10 */
  epsilon?: number;
}

/** Divides each gradient by the root of the sum of its squares so far: steps along steep directions shrink. */
export class AdaGrad extends Optimizer {
  readonly epsilon: number;

  constructor(parameters: ParameterList, options: AdaGradOptions = {}) {
    const {epsilon = 1e-10} = options;
    super(parameters, ['sum'], {learningRate: 0.01, ...options});
    checkRates('AdaGrad', {epsilon});
    this.epsilon = epsilon;
  }

  protected override update({parameters, gradients, states, step: _, ...rates}: Batch): void {
    adaGradStep(parameters, gradients, states[0], {...rates, epsilon: this.epsilon});
  }
}
