import type {Dataset} from '@foveal/data';
import type {TaskKind} from '../kinds/taskKind.js';
import type {AnyTask} from '../task.js';
import {plural} from '../terminal/format.js';
import type {OptimizerName} from '../train/optimizers.js';
import type {ScheduleName} from '../train/schedules.js';
import type {TrainResult} from '../train/trainResult.js';
import {augmentNames, makeAugment} from './augmentations.js';
import {dataFlags, dataOptions, quoted, type RawDataOptions} from './dataOptions.js';
import {type DataSpec, openDataset, parseDataSpec} from './dataSpec.js';
import {startEngine} from './engineOption.js';
import {modelOf} from './kindOptions.js';
import {requireLabels} from './requireLabels.js';
import {knownName, UsageError} from './usageError.js';

/** The options of `foveal train`, as commander and a file of settings leave them. */
export interface TrainCommandOptions extends RawDataOptions {
  model: string;
  data: string;
  out: string;
  weights?: string;
  partial?: boolean;
  config?: string;
  epochs?: number;
  steps?: number;
  batchSize: number;
  accumulate?: number;
  learningRate?: number;
  optimizer: string;
  schedule: string;
  warmup: number;
  weightDecay: number;
  clipNorm?: number;
  clipValue?: number;
  maxNorm?: number;
  ema?: number;
  patience?: number;
  validation: string;
  augment: string;
  seed: number;
  engine?: string;
  saveSeconds?: number;
  logSteps?: number;
  concurrency?: number;
  resume?: boolean;
  overwrite?: boolean;
  json?: boolean;
}

/**
 * Trains as the options say, and prints what came of it.
 *
 * @param own - The kind's own options that were given.
 * @throws UsageError if a name or a share is none.
 */
export async function runTraining(
  kind: TaskKind,
  own: Record<string, unknown>,
  options: TrainCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const spec = parseDataSpec(options.data);
  const name = await modelOf(kind, options.model);
  const {optimizerNames} = await import('../train/optimizers.js');
  const {scheduleNames} = await import('../train/schedules.js');
  const optimizer: OptimizerName = knownName('optimizer', options.optimizer, optimizerNames);
  const schedule: ScheduleName = knownName('schedule', options.schedule, scheduleNames);
  const augmentations = augmentNames(options.augment, kind);
  const {train} = await import('../train/train.js');

  const engine = await startEngine(options.engine);
  const {training, validation} = await openSplits(spec, options);
  requireLabels(kind, training, options.data);
  const task = await kind.build({
    model: name,
    categories: training.categories,
    seed: options.seed,
    options: own,
    ...given({weights: options.weights}),
  });
  if (options.weights !== undefined) await startFrom(kind, task, options.weights, options.partial ?? false);
  const augment = await makeAugment(augmentations, kind, training, task);
  process.stderr.write(
    `${name}, ${plural(task.model.numParameters(), 'parameter')}; ${plural(training.length, 'image')} of ` +
      `${plural(training.categories.length, 'category', 'categories')}` +
      `${validation ? `, ${plural(validation.length, 'image')} to validate` : ''}\n`,
  );
  const result = await train(task, training, {
    batchSize: options.batchSize,
    ...given({
      epochs: options.epochs,
      steps: options.steps,
      accumulate: options.accumulate,
      learningRate: options.learningRate,
      clipNorm: options.clipNorm,
      clipValue: options.clipValue,
      maxNorm: options.maxNorm,
      ema: options.ema,
      patience: options.patience,
      saveSeconds: options.saveSeconds,
      logSteps: options.logSteps,
      concurrency: options.concurrency,
    }),
    optimizer,
    schedule,
    warmup: options.warmup,
    weightDecay: options.weightDecay,
    ...(augment && {augment}),
    ...(validation && {validation}),
    seed: options.seed,
    out: options.out,
    resume: options.resume ?? false,
    overwrite: options.overwrite ?? false,
    signal,
  });
  if (options.json) {
    const {steps, epochs, best, interrupted, early, seconds, files} = result;
    process.stdout.write(
      `${JSON.stringify({model: name, engine: engine.name, steps, best, interrupted, early, seconds, files, epochs}, null, 2)}\n`,
    );
  } else {
    process.stdout.write(summary(result, validation ? score => kind.scoreText(score) : undefined, options));
  }
}

/** Those of the options that have a value. */
function given<T extends object>(options: T): {[K in keyof T]?: NonNullable<T[K]>} {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as {[K in keyof T]?: NonNullable<T[K]>};
}

async function startFrom(kind: TaskKind, task: AnyTask, weights: string, partial: boolean): Promise<void> {
  const {loadWeightsInto} = await import('./openTask.js');
  // What a kind of task reads by itself may be of a format that has no categories.
  const head = !kind.loadWeights && (await hasOtherCategories(weights, task)) ? 'renew' : 'replace';
  const options = {strict: !partial, head} as const;
  const {loaded, newHead, missing, misshapen, unexpected} = await loadWeightsInto(
    kind,
    task,
    weights,
    options,
  );
  if (loaded === 0)
    throw new Error(`${weights}: none of its tensors fits the model. Is it another architecture?`);
  if (newHead.length) {
    const {categories} = task.description;
    process.stderr.write(
      `${weights} knows other categories, so the last layer starts anew for ${categories.length}: ${newHead.join(', ')}\n`,
    );
  }
  const left = [...missing, ...misshapen.map(({name}) => name)];
  if (left.length) process.stderr.write(`not in ${weights}, so newly started: ${left.join(', ')}\n`);
  if (unexpected.length) process.stderr.write(`not in the model, so left out: ${unexpected.join(', ')}\n`);
}

/** Whether the file says what its outputs mean, and it is not what they mean here. */
async function hasOtherCategories(weights: string, {description}: AnyTask): Promise<boolean> {
  const {readWeights} = await import('@foveal/models');
  const {categories} = (await readWeights(weights)).metadata;
  return categories !== undefined && categories !== JSON.stringify(description.categories);
}

async function openSplits(
  spec: DataSpec,
  {validation, seed, ...rest}: TrainCommandOptions,
): Promise<{training: Dataset; validation: Dataset | undefined}> {
  const share = Number(validation);
  if (validation !== 'test' && !(validation.trim() && share >= 0 && share < 1)) {
    throw new UsageError(`--validation ${validation}: expected a share from 0 to below 1, or test.`);
  }
  const reading = dataOptions(rest);
  const all = await openDataset(spec, 'train', reading);
  if (validation === 'test') return {training: all, validation: await openDataset(spec, 'test', reading)};
  if (share === 0) return {training: all, validation: undefined};
  const {Random} = await import('@foveal/core');
  const {split} = await import('@foveal/data');
  const {seedFor} = await import('../train/streams.js');
  const parts = split(all, {validation: share, random: new Random(seedFor(seed, 'holdOut'))});
  return {training: parts.train, validation: parts.validation};
}

function summary(
  {best, interrupted, early, files, steps}: TrainResult,
  scoreText: ((score: number) => string) | undefined,
  {data, out, ...options}: TrainCommandOptions,
): string {
  const checkpoint = best ? files?.best : files?.last;
  return [
    interrupted
      ? `Stopped after ${plural(steps, 'step')}. Go on with the same command and --resume.`
      : `${early ? 'Stopped early, as nothing got better' : 'Done'}: ${plural(steps, 'step')}${best && scoreText ? `, best at epoch ${Number(best.epoch.toFixed(2))} with ${scoreText(best.score)} on the validation images` : ''}.`,
    `  ${checkpoint}  the model`,
    `  ${files?.curve}  the training curve`,
    `  ${files?.log}  the log`,
    ...(interrupted
      ? []
      : [
          'Next:',
          `  foveal eval --checkpoint ${checkpoint} --data ${[quoted(data), ...dataFlags(options)].join(' ')}`,
          `  foveal predict --checkpoint ${checkpoint} IMAGES --out ${out}/predictions`,
        ]),
    '',
  ].join('\n');
}
