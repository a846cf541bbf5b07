import {BatchNorm2d, FrozenBatchNorm2d, type Module} from '@foveal/core';
import {BatchNormRelu2d, FrozenBatchNormRelu2d} from './batchNormRelu2d.js';

/**
 * Puts a {@link FrozenBatchNorm2d} in the place of every batch norm, with its scale, shift and statistics, under the
 * same names: for detectors, whose batches are too small for statistics. Call it before an optimizer takes the
 * parameters. The old ones are disposed.
 *
 * @param options - `epsilon`, added to the variances: 0 for detectors that torchvision published. @defaultValue each
 * norm's own
 * @returns How many there were.
 */
export function freezeBatchNorm(model: Module, {epsilon}: {epsilon?: number | undefined} = {}): number {
  const constants = new Map<BatchNorm2d, FrozenBatchNorm2d>();
  for (const [, parent] of [...model.namedModules()]) {
    for (const [key, field] of Object.entries(parent)) {
      const slots = Array.isArray(field) ? field : {[key]: field};
      for (const [slot, norm] of Object.entries(slots)) {
        if (!(norm instanceof BatchNorm2d)) continue;
        if (!constants.has(norm)) constants.set(norm, frozen(norm, epsilon));
        Object.assign(Array.isArray(field) ? field : parent, {[slot]: constants.get(norm)});
      }
    }
  }
  for (const norm of constants.keys()) norm.dispose();
  return constants.size;
}

function frozen(norm: BatchNorm2d, epsilon = norm.epsilon): FrozenBatchNorm2d {
  const Norm = norm instanceof BatchNormRelu2d ? FrozenBatchNormRelu2d : FrozenBatchNorm2d;
  const constant = new Norm(norm.weight.size, {epsilon});
  constant.loadStateDict(norm.stateDict());
  return constant.train(norm.training);
}
