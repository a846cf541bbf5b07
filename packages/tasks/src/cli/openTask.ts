import type {Dataset} from '@foveal/data';
import type {Classifier} from '../classification/classifier.js';
import {knownName, UsageError} from './usageError.js';

/** The options by which a command names a trained model. */
export interface ModelOptions {
  model?: string;
  weights?: string;
  checkpoint?: string;
}

/**
 * Opens what `--checkpoint FILE`, or `--model NAME --weights FILE` with the categories of a dataset, names.
 *
 * @throws UsageError if neither or both are given, or the model is unknown.
 */
export async function openTask(
  {model, weights, checkpoint}: ModelOptions,
  dataset?: () => Promise<Dataset>,
): Promise<Classifier> {
  if (checkpoint !== undefined) {
    if (model !== undefined || weights !== undefined) {
      throw new UsageError('--checkpoint names model and weights itself: leave --model and --weights out.');
    }
    const {loadCheckpoint} = await import('../train/checkpoint.js');
    return (await loadCheckpoint(checkpoint)).task;
  }
  if (model === undefined || weights === undefined || dataset === undefined) {
    throw new UsageError('name what to run: --checkpoint FILE, or --model NAME --weights FILE.');
  }
  const {loadWeights, modelNames} = await modelsWithNames();
  const name = knownName('model', model, modelNames);
  const {classifier} = await import('../classification/classifier.js');
  const task = classifier(name, {categories: (await dataset()).categories});
  await loadWeights(task.model, weights);
  return task;
}

/** The registry, with its keys typed. */
export async function modelsWithNames() {
  const {loadWeights, models} = await import('@foveal/models');
  return {loadWeights, models, modelNames: Object.keys(models) as (keyof typeof models)[]};
}
