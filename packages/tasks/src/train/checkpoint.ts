import {nearestName, type Preprocess} from '@foveal/core';
import {loadWeights, type ModelName, models, readSafetensors, writeSafetensors} from '@foveal/models';
import {z} from 'zod';
import {type Classifier, classifier} from '../classification/classifier.js';
import type {Task, TaskDescription} from '../task.js';
import {toFileTensors} from './tensorFile.js';

/** What a checkpoint says of itself besides the weights. */
export interface Checkpoint {
  task: Classifier;
  description: TaskDescription;
  /** The metrics it was saved with. */
  metrics: Record<string, unknown>;
}

export interface SaveCheckpointOptions {
  /** Whatever should be known about these weights, e.g. epoch and accuracy. @defaultValue `{}` */
  metrics?: Record<string, unknown>;
}

/**
 * Writes a task as one `.safetensors` file that is enough to predict: weights in PyTorch's layout, and in the
 * metadata the model's name and options, categories, preprocessing and metrics. Atomic: a crash leaves the old file.
 *
 * @throws RangeError if a weight is infinite or no number; the file is then untouched.
 */
export async function saveCheckpoint(
  task: Task,
  path: string,
  {metrics = {}}: SaveCheckpointOptions = {},
): Promise<void> {
  const {model, options, categories, preprocess} = task.description;
  await writeSafetensors(path, await toFileTensors(task.model.stateDict()), {
    format: 'foveal-checkpoint-1',
    task: task.description.task,
    ...(model && {model}),
    options: JSON.stringify(options),
    categories: JSON.stringify(categories),
    preprocess: JSON.stringify(preprocess),
    metrics: JSON.stringify(metrics),
  });
}

const preprocessShape = z.object({
  inputSize: z.tuple([z.number(), z.number()]),
  resize: z.number().optional(),
  rounding: z.enum(['torchvision', 'nearest']).optional(),
  color: z.enum(['rgb', 'bgr', 'gray']),
  scale: z.number(),
  mean: z.array(z.number()),
  std: z.array(z.number()),
});

/**
 * Builds a task from its checkpoint alone.
 *
 * @throws Error if the file is no checkpoint of ours, names a model that is not in the registry, or does not fit it.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const {metadata} = await readSafetensors(path);
  if (metadata['task'] !== 'classification' || !metadata['categories']) {
    throw new Error(
      `${path} is no checkpoint of foveal: its metadata lacks ` +
        `${['task', 'model', 'categories', 'preprocess'].filter(key => !metadata[key]).join(', ') || 'a known task'}. ` +
        'If it holds weights alone, name the model and the data: --model NAME --weights FILE.',
    );
  }
  const name = metadata['model'];
  if (!name || !Object.hasOwn(models, name)) {
    const near = name && nearestName(name, Object.keys(models));
    throw new Error(
      `${path} was saved from ${name ? `the model "${name}", which` : "a model of its author's own, which"} is not ` +
        `in this version's registry.${near ? ` The nearest name is "${near}".` : ''} ` +
        'Build the model yourself and load its weights with loadWeights(model, path).',
    );
  }
  const categories = readField(path, metadata, 'categories', z.array(z.string()));
  const preprocess = readField(path, metadata, 'preprocess', preprocessShape) as Preprocess;
  const options = readField(path, metadata, 'options', z.record(z.string(), z.unknown()));
  const metrics = readField(path, metadata, 'metrics', z.record(z.string(), z.unknown()));

  const task = classifier(name as ModelName, {categories, preprocess, options});
  try {
    await loadWeights(task.model, path);
  } catch (error) {
    task.model.dispose();
    throw error;
  }
  task.model.eval();
  return {task, description: task.description, metrics};
}

function readField<T>(path: string, metadata: Record<string, string>, key: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(metadata[key] ?? 'null'));
  } catch (error) {
    throw new Error(
      `${path}: its metadata's "${key}" is damaged: ${JSON.stringify(metadata[key])?.slice(0, 80)}. ` +
        'Take another checkpoint of the run, or train again.',
      {cause: error},
    );
  }
}
