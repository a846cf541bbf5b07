import {nearestName, type Preprocess} from '@foveal/core';
import {loadWeights, readSafetensors, writeSafetensors} from '@foveal/models';
import {z} from 'zod';
import type {TaskKind} from '../kinds/taskKind.js';
import type {AnyTask, Task, TaskDescription} from '../task.js';
import {type TaskName, type TaskOf, taskKinds} from '../taskKinds.js';
import {toFileTensors} from './tensorFile.js';

/** What a checkpoint says of itself besides the weights. */
export interface Checkpoint<T extends AnyTask = AnyTask> {
  task: T;
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
    ...(preprocess && {preprocess: JSON.stringify(preprocess)}),
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
 * @param kind - The kind of task it must be; whoever names it gets the task's own type. @defaultValue any
 * @throws Error if the file is no checkpoint of ours, is of another kind, names a model that is not in the registry, or
 * does not fit it.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint>;
export async function loadCheckpoint<K extends TaskName>(
  path: string,
  kind: K,
): Promise<Checkpoint<TaskOf<K>>>;
export async function loadCheckpoint(path: string, wanted?: TaskName): Promise<Checkpoint> {
  const {metadata} = await readSafetensors(path);
  const {task: name, kind} = kindIn(path, metadata);
  if (wanted !== undefined && name !== wanted) {
    throw new TypeError(
      `${path} is a checkpoint for ${name}, expected one for ${wanted}: give another file, or the task that it is for.`,
    );
  }
  const description: TaskDescription = {
    task: name,
    model: await knownModel(path, metadata, kind),
    options: readField(path, metadata, 'options', z.record(z.string(), z.unknown())),
    categories: readField(path, metadata, 'categories', z.array(z.string())),
    preprocess: metadata['preprocess']
      ? (readField(path, metadata, 'preprocess', preprocessShape) as Preprocess)
      : undefined,
  };
  const metrics = readField(path, metadata, 'metrics', z.record(z.string(), z.unknown()));
  const task = await kind.restore(description);
  try {
    await loadWeights(task.model, path);
  } catch (error) {
    task.model.dispose();
    throw error;
  }
  task.model.eval();
  return {task, description: task.description, metrics};
}

/** What kind of task a checkpoint is for, by its metadata alone. @throws Error if it is no checkpoint of ours. */
export async function checkpointKind(path: string): Promise<TaskKind> {
  const {metadata} = await readSafetensors(path);
  return kindIn(path, metadata).kind;
}

function kindIn(path: string, metadata: Record<string, string>): {task: TaskName; kind: TaskKind} {
  const task = Object.keys(taskKinds).find(name => name === metadata['task']) as TaskName | undefined;
  if (task !== undefined && metadata['categories']) return {task, kind: taskKinds[task]};
  const lacking = ['task', 'model', 'categories', 'preprocess'].filter(key => !metadata[key]).join(', ');
  const reason =
    metadata['format'] === 'foveal-checkpoint-1' && metadata['task']
      ? `its kind of task, "${metadata['task']}", is not known to this version, which knows ${Object.keys(taskKinds).join(', ')}`
      : `its metadata lacks ${lacking || 'a known task'}`;
  throw new Error(
    `${path} is no checkpoint of foveal: ${reason}. ` +
      'If it holds weights alone, name the model and the data: --model NAME --weights FILE.',
  );
}

async function knownModel(path: string, metadata: Record<string, string>, kind: TaskKind): Promise<string> {
  const name = metadata['model'];
  const names = await kind.modelNames();
  if (name && names.includes(name)) return name;
  const near = name && nearestName(name, names);
  throw new Error(
    `${path} was saved from ${name ? `the model "${name}", which` : "a model of its author's own, which"} is not ` +
      `in this version's registry.${near ? ` The nearest name is "${near}".` : ''} ` +
      'Build the model yourself and load its weights with loadWeights(model, path).',
  );
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
