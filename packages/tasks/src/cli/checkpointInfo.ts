import type {Preprocess} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';
import type {AnyTask} from '../task.js';
import {count} from '../terminal/format.js';
import {UsageError} from './usageError.js';

/** What a checkpoint says of itself. */
export interface CheckpointInfo {
  file: string;
  task: string;
  model: string | undefined;
  parameters: number;
  options: Record<string, unknown>;
  categories: readonly string[];
  preprocess: Preprocess | undefined;
  metrics: Record<string, unknown>;
}

/**
 * Reads a checkpoint; draws what its first layer looks for, if a file is named for that.
 *
 * @throws UsageError if the model has no such layer.
 */
export async function checkpointInfo(file: string, templates: string | undefined): Promise<CheckpointInfo> {
  const {selectEngine} = await import('@foveal/core');
  const {loadCheckpoint} = await import('../train/checkpoint.js');
  await selectEngine();
  const {task, metrics} = await loadCheckpoint(file);
  const {task: kind, model, options, categories, preprocess} = task.description;
  if (templates !== undefined) await drawTemplates(task, templates);
  return {
    file,
    task: kind,
    model,
    parameters: task.model.numParameters(),
    options,
    categories,
    preprocess,
    metrics,
  };
}

async function drawTemplates(task: AnyTask, file: string): Promise<void> {
  const {writeFile} = await import('node:fs/promises');
  const {filterSheet} = await import('../draw/filterSheet.js');
  const {model, categories, preprocess} = task.description;
  const {filters, perCategory} = await firstFilters(task, model);
  try {
    const sheet = await filterSheet(filters, {
      title: `What ${model ?? 'the model'} looks for${perCategory ? '' : ' in its first layer'}`,
      bgr: preprocess?.color === 'bgr',
      ...(perCategory && {labels: categories}),
    });
    await writeFile(file, sheet);
  } finally {
    filters.dispose();
  }
}

/** The templates of a classifier or the filters of the first convolution, and whether each is of a category. */
async function firstFilters(
  {model, description}: AnyTask,
  name: string | undefined,
): Promise<{filters: tf.Tensor4D; perCategory: boolean}> {
  const {firstLayerFilters} = await import('../explain/firstLayerFilters.js');
  const filters = firstLayerFilters(model);
  if (!filters)
    throw new UsageError(`--templates: the first layer of ${name ?? 'the model'} does not look at pixels.`);
  return {filters, perCategory: name === 'linear' && filters.shape[0] === description.categories.length};
}

/** For people. */
export function checkpointText(info: CheckpointInfo): string {
  const {file, task, model, parameters, options, categories, preprocess, metrics} = info;
  const shown = categories.slice(0, 10).join(', ');
  const rest = categories.length > 10 ? `, and ${categories.length - 10} more` : '';
  const size = preprocess && `${preprocess.inputSize.join(' × ')} ${preprocess.color}`;
  return [
    `${file}: ${task}, ${model ?? 'a model of its own'} with ${count(parameters)} parameters`,
    `  options     ${JSON.stringify(options)}`,
    `  categories  ${categories.length}: ${shown}${rest}`,
    `  images      ${size ?? 'as the network takes them'}`,
    `  metrics     ${brief(metrics)}`,
    '',
  ].join('\n');
}

/** The figures; lists have their place in --json. */
function brief(metrics: Record<string, unknown>): string {
  const {validation, ...own} = metrics;
  const entries = [...Object.entries(own), ...Object.entries((validation ?? {}) as Record<string, unknown>)];
  const figures = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return figures.map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`).join(', ') || 'none';
}
