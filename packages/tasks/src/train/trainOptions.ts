import {nearestName} from '@foveal/core';
import type {Dataset, Transform} from '@foveal/data';
import {z} from 'zod';

import {defaultLearningRate, type OptimizerName, optimizerNames} from './optimizers.js';
import {type ScheduleName, scheduleNames} from './schedules.js';
import type {TrainProgress} from './trainProgress.js';

export interface TrainOptions {
  /** Passes over the dataset. @defaultValue 10 */
  epochs?: number;
  /** @defaultValue 64 */
  batchSize?: number;
  /** The highest learning rate, which the schedule starts from. @defaultValue what suits the optimizer */
  learningRate?: number;
  /** @defaultValue 'cosine' */
  schedule?: ScheduleName;
  /** Epochs, or a part of one, in which the learning rate rises from nearly 0. @defaultValue 0 */
  warmup?: number;
  /** @defaultValue 'sgd', with Nesterov's momentum of 0.9 */
  optimizer?: OptimizerName;
  /** L2 decay of all parameters; decoupled with `adamw`. @defaultValue 1e-4 */
  weightDecay?: number;
  /** Changes a training image, e.g. flips it; every random choice must come from `random`. */
  augment?: Transform;
  /** What the model is judged on after each epoch; it chooses the best checkpoint. */
  validation?: Dataset;
  /** Decides order, augmentation and dropout: the same seed gives the same run. @defaultValue 0 */
  seed?: number;
  /** The folder for checkpoints, log and curve; made if need be. Nothing is written without it. */
  out?: string;
  /** Goes on where the run in `out` stopped; starts anew if there is none. @defaultValue false */
  resume?: boolean;
  /** Allows a new run to replace the one in `out`. @defaultValue false */
  overwrite?: boolean;
  /** Writes the last checkpoint at least this often, besides after each epoch. @defaultValue 60 */
  saveSeconds?: number;
  /** Steps between lines of the log. @defaultValue a fiftieth of an epoch */
  logSteps?: number;
  /** Images decoded at once. @defaultValue the loader's */
  concurrency?: number;
  /** Once it is aborted, the step under way is finished and saved, and `train` returns. */
  signal?: AbortSignal;
  /** Hears of every step. @defaultValue a bar on stderr */
  onProgress?: (progress: TrainProgress) => void;
}

const positive = (least = 1) => z.number().int().min(least);
const numbers = z.strictObject({
  epochs: positive().default(10),
  batchSize: positive().default(64),
  learningRate: z.number().positive().optional(),
  schedule: z.enum(scheduleNames).default('cosine'),
  warmup: z.number().min(0).default(0),
  optimizer: z.enum(optimizerNames).default('sgd'),
  weightDecay: z.number().min(0).default(1e-4),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  out: z.string().min(1).optional(),
  resume: z.boolean().default(false),
  overwrite: z.boolean().default(false),
  saveSeconds: z.number().positive().default(60),
  logSteps: positive().optional(),
  concurrency: positive().optional(),
});

/** The options that are data, checked and complete: what the log and the resume state hold. */
export type TrainSettings = z.infer<typeof numbers> & {learningRate: number};

/**
 * Checks everything at once, so that a user mends a call in one go.
 *
 * @throws TypeError that lists each option that is unknown, with the nearest name, or out of range.
 */
export function checkTrainOptions(options: TrainOptions): TrainSettings {
  const {
    augment: _augment,
    validation: _validation,
    signal: _signal,
    onProgress: _onProgress,
    ...data
  } = options;
  const checked = numbers.safeParse(data);
  if (checked.success) {
    return {
      ...checked.data,
      learningRate: checked.data.learningRate ?? defaultLearningRate(checked.data.optimizer),
    };
  }
  const problems = checked.error.issues.flatMap(issue => {
    if (issue.code !== 'unrecognized_keys') {
      const name = issue.path.join('.');
      const value = (data as Record<string, unknown>)[name];
      return [
        `${name}: ${issue.message.replace(/^Invalid \w+: /, '')}, got ${JSON.stringify(value) ?? value}`,
      ];
    }
    return issue.keys.map(name => {
      const near = nearestName(name, [...Object.keys(numbers.shape), 'augment', 'validation', 'onProgress']);
      return `${name}: there is no such option${near ? `; did you mean ${near}?` : ''}`;
    });
  });
  throw new TypeError(`train: ${problems.length === 1 ? '' : '\n  '}${problems.join('\n  ')}`);
}
