import type {Dataset} from '@foveal/data';
import {z} from 'zod';
import type {Augment} from './dataOrder.js';
import {defaultLearningRate, type OptimizerName, optimizerNames} from './optimizers.js';
import {type ScheduleName, scheduleNames} from './schedules.js';
import {settingProblems} from './settingProblems.js';
import type {TrainProgress} from './trainProgress.js';

export interface TrainOptions {
  /** Passes over the dataset. @defaultValue 10, or what `steps` make */
  epochs?: number;
  /** Steps of the optimizer, in place of `epochs`; the last epoch may then be a part of one. */
  steps?: number;
  /** Images that the model sees at once. @defaultValue 64 */
  batchSize?: number;
  /**
   * Batches that make one step, which is then the step of a batch so many times as large: for networks or images that
   * leave no memory for one. Only batch norm sees the difference. @defaultValue 1
   */
  accumulate?: number;
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
  /** Shortens the gradient of all parameters together to this norm, if it is longer. */
  clipNorm?: number;
  /** Limits each value of the gradients to plus and minus this, after `clipNorm`. */
  clipValue?: number;
  /** The largest norm of what comes into each unit, kept after each step; usual with dropout, e.g. 3. */
  maxNorm?: number;
  /**
   * Averages the weights over the steps with this decay, e.g. 0.999. The averages are what is evaluated, what both
   * checkpoints hold, and what the model has in the end.
   */
  ema?: number;
  /** Stops when the score has not risen for so many epochs. */
  patience?: number;
  /** Changes a training image, e.g. flips it; every random choice must come from `random`. */
  augment?: Augment;
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

/** The options that are data, as a file or a call may give them. */
export const trainSettings = z.strictObject({
  epochs: positive().optional(),
  steps: positive().optional(),
  batchSize: positive().default(64),
  accumulate: positive().default(1),
  learningRate: z.number().positive().optional(),
  schedule: z.enum(scheduleNames).default('cosine'),
  warmup: z.number().min(0).default(0),
  optimizer: z.enum(optimizerNames).default('sgd'),
  weightDecay: z.number().min(0).default(1e-4),
  clipNorm: z.number().positive().optional(),
  clipValue: z.number().positive().optional(),
  maxNorm: z.number().positive().optional(),
  ema: z.number().positive().lt(1).optional(),
  patience: positive().optional(),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  out: z.string().min(1).optional(),
  resume: z.boolean().default(false),
  overwrite: z.boolean().default(false),
  saveSeconds: z.number().positive().default(60),
  logSteps: positive().optional(),
  concurrency: positive().optional(),
});

/** The options that are data, checked and complete: what the log and the resume state hold. */
export type TrainSettings = z.infer<typeof trainSettings> & {learningRate: number};

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
  const names = [...Object.keys(trainSettings.shape), 'augment', 'validation', 'onProgress'];
  const checked = trainSettings.safeParse(data);
  const problems = checked.success ? [] : settingProblems(checked.error, data, {names, kind: 'option'});
  if (data.epochs !== undefined && data.steps !== undefined) {
    problems.push({name: 'steps', text: 'steps: takes the place of epochs; give one of the two'});
  }
  if (checked.success && !problems.length) {
    const {epochs, steps, learningRate, optimizer} = checked.data;
    return {
      ...checked.data,
      ...(epochs === undefined && steps === undefined && {epochs: 10}),
      learningRate: learningRate ?? defaultLearningRate(optimizer),
    };
  }
  const lines = problems.map(({text}) => text);
  throw new TypeError(`train: ${lines.length === 1 ? '' : '\n  '}${lines.join('\n  ')}`);
}
