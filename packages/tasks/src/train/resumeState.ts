import {readSafetensors, writeSafetensors} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {LossSums} from './lossMeter.js';
import type {Run} from './recorder.js';
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
  /** What was counted for the next line of the log. */
  sums?: LossSums;
}

/** What must not change between a run and its resumption. */
export interface RunFacts {
  model: string | undefined;
  categories: readonly string[];
  images: number;
  settings: Pick<TrainSettings, 'batchSize' | 'accumulate' | 'optimizer' | 'ema' | 'seed'>;
}

/** Writes weights, averages, optimizer and position as one file, so that they can never be of different steps. */
export async function saveResumeState(
  path: string,
  {task, optimizer, ema, facts}: Run,
  position: Position,
): Promise<void> {
  const tensors = await toFileTensors({
    ...prefixed('model.', task.model.stateDict()),
    ...prefixed('optimizer.', optimizer.stateDict()),
    ...(ema && prefixed('ema.', ema.stateDict())),
  });
  await writeSafetensors(path, tensors, {
    format: 'foveal-resume-1',
    position: JSON.stringify(position),
    facts: JSON.stringify(facts),
  });
}

/**
 * Puts weights, averages and optimizer back to where {@link saveResumeState} saw them.
 *
 * @returns where the training stands.
 * @throws Error if the file belongs to another run, with what differs.
 */
export async function loadResumeState(path: string, {task, optimizer, ema, facts}: Run): Promise<Position> {
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
    ema?.loadStateDict(unprefixed('ema.', loaded));
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
    .map(key => `${key}: ${before[key] ?? 'none'} then, ${now[key] ?? 'none'} now`);
