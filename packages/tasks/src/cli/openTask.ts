import type {Classifier} from '../classification/classifier.js';
import {parsePreprocess} from './preprocessOption.js';
import {knownName, UsageError} from './usageError.js';

/** The options by which a command names a trained model. */
export interface ModelOptions {
  model?: string;
  weights?: string;
  checkpoint?: string;
  preprocess?: string;
}

/**
 * Checks the options before anything slow begins.
 *
 * @throws UsageError unless they are `--checkpoint FILE`, or `--model NAME --weights FILE` of a model that there is.
 */
export async function checkModelOptions(options: ModelOptions): Promise<void> {
  const {model, weights, checkpoint, preprocess} = options;
  if (checkpoint !== undefined && (model !== undefined || weights !== undefined)) {
    throw new UsageError('--checkpoint names model and weights itself: leave --model and --weights out.');
  }
  if (checkpoint === undefined && (model === undefined || weights === undefined)) {
    throw new UsageError('name what to run: --checkpoint FILE, or --model NAME --weights FILE.');
  }
  if (checkpoint !== undefined && preprocess !== undefined) {
    throw new UsageError('--checkpoint holds its own preprocessing: leave --preprocess out.');
  }
  if (model !== undefined) knownName('model', model, (await modelsWithNames()).modelNames);
}

/**
 * Opens what `--checkpoint FILE`, or `--model NAME --weights FILE`, names. What weights expect of images comes from
 * `--preprocess`, else from themselves, else from the model's row of the registry.
 *
 * @param categories - Those of the dataset: weights alone do not tell what their outputs mean.
 * @throws UsageError if the model is unknown.
 */
export async function openTask(
  {model = '', weights = '', checkpoint, preprocess}: ModelOptions,
  categories: () => Promise<readonly string[]>,
): Promise<Classifier> {
  if (checkpoint !== undefined) {
    const {loadCheckpoint} = await import('../train/checkpoint.js');
    return (await loadCheckpoint(checkpoint)).task;
  }
  const {loadWeights, models, modelNames, weightsPreprocess} = await modelsWithNames();
  const name = knownName('model', model, modelNames);
  const {classifier} = await import('../classification/classifier.js');
  const usual = (await weightsPreprocess(weights)) ?? models[name].preprocess;
  const task = classifier(name, {
    categories: await categories(),
    preprocess: preprocess === undefined ? usual : parsePreprocess(preprocess, usual),
  });
  await loadWeights(task.model, weights);
  return task;
}

/** The registry, with its keys typed. */
export async function modelsWithNames() {
  const {loadWeights, models, weightsPreprocess} = await import('@foveal/models');
  return {loadWeights, models, weightsPreprocess, modelNames: Object.keys(models) as (keyof typeof models)[]};
}
