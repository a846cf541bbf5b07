import type {Module} from '../nn/module.js';
import type {DecayOptions} from '../ops/sgdStep.js';
import type {ParameterGroup} from './parameterGroup.js';

/**
 * Splits a model's parameters into weights, which decay, and the vectors beside them (biases, the scales and shifts
 * of norms, slopes of PReLUs), which do not: shrinking those takes away freedom, not complexity.
 *
 * @param options - The decay of the weights; `noDecay` chooses what goes without. @defaultValue `noDecay`: everything of rank 0 or 1
 */
export function parameterGroups(
  model: Module,
  {
    noDecay = (_name, {length}) => length < 2,
    ...decay
  }: DecayOptions & {noDecay?: (name: string, shape: readonly number[]) => boolean} = {},
): ParameterGroup[] {
  const named = model.namedParameters();
  const free = new Set(named.filter(([name, {shape}]) => noDecay(name, shape)));
  const variables = (list: typeof named) => list.map(([, variable]) => variable);
  return [
    {parameters: variables(named.filter(entry => !free.has(entry))), ...decay},
    {parameters: variables([...free]), weightDecay: 0, l1: 0},
  ].filter(({parameters}) => parameters.length);
}
