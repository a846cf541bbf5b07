import {type SgdStepOptions, sgdStep} from '../ops/sgdStep.js';
import {checkRates} from './checkRates.js';
import {type Batch, Optimizer, type OptimizerOptions} from './optimizer.js';
import type {ParameterList} from './parameterGroup.js';

export interface SgdOptions
  extends OptimizerOptions,
    Pick<SgdStepOptions, 'momentum' | 'dampening' | 'nesterov'> {}

/** Minibatch gradient descent, with momentum if asked for (0.9 in most recipes), plain or Nesterov's. */
export class Sgd extends Optimizer {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;

  /** @throws RangeError if Nesterov's form is asked for without momentum or with dampening, as in PyTorch. */
  constructor(parameters: ParameterList, options: SgdOptions) {
    const {momentum = 0, dampening = 0, nesterov = false} = options;
    super(parameters, momentum > 0 ? ['momentum'] : [], options);
    checkRates('Sgd', {momentum, dampening});
    if (nesterov && (momentum === 0 || dampening > 0)) {
      throw new RangeError(
        `Sgd: nesterov needs a momentum above 0 and no dampening, got momentum ${momentum} and dampening ${dampening}.`,
      );
    }
    this.momentum = momentum;
    this.dampening = dampening;
    this.nesterov = nesterov;
  }

  protected override update({parameters, gradients, states, step, ...rates}: Batch): void {
    const {momentum, dampening, nesterov} = this;
    sgdStep(parameters, gradients, states[0] ?? [], {
      ...rates,
      momentum,
      dampening,
      nesterov,
      first: step === 1,
    });
  }
}
