import type {Optimizer} from '@foveal/core';
import {readSafetensors, writeSafetensors} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {Task} from '../task.js';
import {fromFileTensors, toFileTensors} from './tensorFile.js';
import type {TrainSettings} from './trainOptions.js';

/** Where a training stands. Together with weights and optimizer it decides everything that follows. */
export interface Position {
  /** Steps done in all. */
  step: number;
  /** Epochs done. */
  epoch: number;
  /** Images of the epoch under way that are done. */
  done: number;
  /** The sum of the losses over those. */
  lossSum: number;
  /** The best score so far, and the epoch it was reached in. */
  best: {score: number; epoch: number} | null;
}

/** What must not change between a run and its resumption. */
export interface RunFacts {
  model: string | undefined;
  categories: readonly string[];
  images: number;
  settings: Pick<TrainSettings, 'batchSize' | 'optimizer' | 'seed'>;
}

/** Writes weights, optimizer and position as one file, so that they can never be of different steps. */
export async function saveResumeState(
  path: string,
  task: Task,
  optimizer: Optimizer,
  position: Position,
  facts: RunFacts,
): Promise<void> {
  const tensors = await toFileTensors({
    ...prefixed('model.', task.model.stateDict()),
    ...prefixed('optimizer.', optimizer.stateDict()),
  });
  await writeSafetensors(path, tensors, {
    format: 'foveal-resume-1',
    position: JSON.stringify(position),
    facts: JSON.stringify(facts),
  });
}

/**
 * Puts weights and optimizer back to where {@link saveResumeState} saw them.
 *
 * @returns where the training stands.
 * @throws Error if the file belongs to another run, with what differs.
 */
export async function loadResumeState(
  path: string,
  task: Task,
  optimizer: Optimizer,
  facts: RunFacts,
): Promise<Position> {
  const {tensors, metadata} = await readSafetensors(path);
  if (metadata['format'] !== 'foveal-resume-1') {
    throw new Error(
      `${path} holds no training state. Resume needs the state.safetensors of the run's folder.`,
    );
  }
  const before = JSON.parse(metadata['facts']) as RunFacts;
  const differences = differing(flat(before), flat(facts));
  if (differences.length) {
    throw new Error(
      `${path} belongs to another run:\n  ${differences.join('\n  ')}\n` +
        'Resume with the same settings, or start anew in another folder.',
    );
  }
  const loaded = fromFileTensors(tensors);
  try {
    task.model.loadStateDict(unprefixed('model.', loaded));
    optimizer.loadStateDict(unprefixed('optimizer.', loaded));
  } finally {
    tf.dispose(loaded);
  }
  return JSON.parse(metadata['position']) as Position;
}

const prefixed = (prefix: string, tensors: Readonly<Record<string, tf.Tensor>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));

const unprefixed = (prefix: string, tensors: Readonly<Record<string, tf.Tensor>>) =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );

const flat = ({settings, ...rest}: RunFacts): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries({...rest, ...settings}).map(([key, value]) => [key, JSON.stringify(value)]),
  );

const differing = (before: Record<string, string | undefined>, now: Record<string, string | undefined>) =>
  Object.keys(now)
    .filter(key => before[key] !== now[key])
    .map(key => `${key}: ${before[key]} then, ${now[key]} now`);
