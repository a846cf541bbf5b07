import type {LoadedWeights, LoadWeightsOptions} from '@foveal/models';
import {Option} from 'commander';
import type {TaskKind} from '../kinds/taskKind.js';
import type {AnyTask} from '../task.js';
import {kindOfModel} from './kindOptions.js';
import {UsageError} from './usageError.js';

/** The options by which a command names a trained model. */
export interface ModelOptions {
  model?: string;
  weights?: string;
  /** One or more; several are averaged. */
  checkpoint?: readonly string[];
  preprocess?: string;
  /** The kind of task, where a model's name does not tell. */
  task?: string;
}

/** `--checkpoint`, which may be there several times. */
export const checkpointOption = () =>
  new Option(
    '--checkpoint <file>',
    'a checkpoint of foveal train; several, each behind a --checkpoint, are averaged',
  ).argParser((file: string, before: readonly string[] | undefined) => [...(before ?? []), file]);

/**
 * Checks the options before anything slow begins.
 *
 * @throws UsageError unless they are `--checkpoint FILE`, or `--model NAME --weights FILE` of a model that there is.
 */
export async function checkModelOptions(options: ModelOptions): Promise<void> {
  const {model, weights, checkpoint, preprocess, task} = options;
  if (checkpoint !== undefined && (model !== undefined || weights !== undefined)) {
    throw new UsageError('--checkpoint names model and weights itself: leave --model and --weights out.');
  }
  if (checkpoint === undefined && (model === undefined || weights === undefined)) {
    throw new UsageError('name what to run: --checkpoint FILE, or --model NAME --weights FILE.');
  }
  if (checkpoint !== undefined) {
    if (preprocess !== undefined)
      throw new UsageError('--checkpoint holds its own preprocessing: leave --preprocess out.');
    if (task !== undefined) throw new UsageError('--checkpoint knows its own task: leave --task out.');
  }
  if (model !== undefined) await kindOfModel(model, task);
}

/** The kind of task that the options name. @throws Error if the checkpoint is none. */
export async function taskKindOf({model = '', checkpoint, task}: ModelOptions): Promise<TaskKind> {
  if (checkpoint === undefined) return kindOfModel(model, task);
  const {checkpointKind} = await import('../train/checkpoint.js');
  return checkpointKind(checkpoint[0]);
}

/**
 * Opens what `--checkpoint FILE`, or `--model NAME --weights FILE`, names. What weights expect of images comes from
 * `--preprocess`, else from themselves, else from the model's row of the registry.
 *
 * @param own - The kind's own options that were given.
 * @param categories - Those of the dataset: weights alone do not tell what their outputs mean.
 */
export async function openTask(
  kind: TaskKind,
  own: Record<string, unknown>,
  {model = '', weights = '', checkpoint, preprocess}: ModelOptions,
  categories: () => Promise<readonly string[]>,
): Promise<AnyTask> {
  if (checkpoint !== undefined) {
    const {loadCheckpoint} = await import('../train/checkpoint.js');
    const tasks: AnyTask[] = [];
    for (const path of checkpoint) tasks.push((await loadCheckpoint(path)).task);
    return combined(kind, tasks, own);
  }
  const task = await kind.build({
    model,
    categories: await categories(),
    seed: 0,
    weights,
    options: own,
    ...(preprocess !== undefined && {preprocess}),
  });
  await loadWeightsInto(kind, task, weights, {strict: true});
  return combined(kind, [task], own);
}

async function combined(
  kind: TaskKind,
  tasks: readonly AnyTask[],
  own: Record<string, unknown>,
): Promise<AnyTask> {
  if (kind.combine) return kind.combine(tasks, own);
  if (tasks.length === 1) return tasks[0];
  throw new UsageError(`several --checkpoint: models that ${kind.command} cannot be averaged; give one.`);
}

/** Loads weights as the kind of task does. */
export async function loadWeightsInto(
  kind: TaskKind,
  task: AnyTask,
  path: string,
  options: {strict: boolean} & Pick<LoadWeightsOptions, 'head'>,
): Promise<LoadedWeights> {
  if (kind.loadWeights) return kind.loadWeights(task, path, options);
  const {loadWeights} = await import('@foveal/models');
  return loadWeights(task.model, path, options);
}
