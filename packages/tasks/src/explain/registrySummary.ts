import {Random} from '@foveal/core';
import {type ModelName, type ModelRecord, models, shapesOnly} from '@foveal/models';
import {type ModelSummary, modelSummary} from './modelSummary.js';

/** Leaves parameters unfilled: only their shapes matter here, and drawing a hundred million takes seconds. */
export class Unfilled extends Random {
  override fillUniform(): void {}
  override fillNormal(): void {}
  override split(): Random {
    return this;
  }
}

/**
 * The layers of a model of the registry, without its weights; an engine must be selected.
 *
 * @param inputSize - `[height, width]` of its images. @defaultValue what the model was made for
 */
export function registrySummary(
  name: ModelName,
  inputSize?: readonly [number, number],
): ModelSummary & {inputShape: [number, number, number]} {
  const {build, preprocess}: ModelRecord = models[name];
  const [height, width] = inputSize ?? preprocess.inputSize;
  const inputShape: [number, number, number] = [height, width, preprocess.color === 'gray' ? 1 : 3];
  return shapesOnly(() => ({
    ...modelSummary(build({random: new Unfilled(0)}), inputShape),
    inputShape,
  }));
}
