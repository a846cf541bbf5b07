import type {Dataset} from '@foveal/data';
import type {Classifier} from '../classification/classifier.js';
import {percent, plural} from '../terminal/format.js';
import type {OptimizerName} from '../train/optimizers.js';
import type {ScheduleName} from '../train/schedules.js';
import type {TrainResult} from '../train/trainResult.js';
import {type DataSpec, openDataset, parseDataSpec} from './dataSpec.js';
import {startEngine} from './engineOption.js';
import {modelsWithNames} from './openTask.js';
import {knownName, UsageError} from './usageError.js';

/** The options of `foveal train`, as commander and a file of settings leave them. */
export interface TrainCommandOptions {
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
  ema?: number;
  patience?: number;
  validation: string;
  augment: string;
  labelSmoothing?: number;
  seed: number;
  engine?: string;
  saveSeconds?: number;
  logSteps?: number;
  concurrency?: number;
  resume?: boolean;
  overwrite?: boolean;
  json?: boolean;
}

/** Trains as the options say, and prints what came of it. @throws UsageError if a name or a share is none. */
export async function runTraining(options: TrainCommandOptions, signal: AbortSignal): Promise<void> {
  const spec = parseDataSpec(options.data);
  const {modelNames} = await modelsWithNames();
  const name = knownName('model', options.model, modelNames);
  const {optimizerNames} = await import('../train/optimizers.js');
  const {scheduleNames} = await import('../train/schedules.js');
  const optimizer: OptimizerName = knownName('optimizer', options.optimizer, optimizerNames);
  const schedule: ScheduleName = knownName('schedule', options.schedule, scheduleNames);
  const augmentation = knownName('augmentation', options.augment, ['none', 'crop-flip'] as const);
  const {compose, randomCrop, randomFlip} = await import('@foveal/data');
  const {train} = await import('../train/train.js');
  const {classifier} = await import('../classification/classifier.js');

  const engine = await startEngine(options.engine);
  const {training, validation} = await openSplits(spec, options);
  const task = classifier(name, {
    categories: training.categories,
    seed: options.seed,
    ...given({labelSmoothing: options.labelSmoothing}),
  });
  if (options.weights !== undefined) await startFrom(task, options.weights, options.partial ?? false);
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
    ...(augmentation === 'crop-flip' && {augment: compose(randomCrop(), randomFlip())}),
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
    process.stdout.write(summary(result, validation !== undefined, options));
  }
}

/** Those of the options that have a value. */
function given<T extends object>(options: T): {[K in keyof T]?: NonNullable<T[K]>} {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as {[K in keyof T]?: NonNullable<T[K]>};
}

async function startFrom(task: Classifier, weights: string, partial: boolean): Promise<void> {
  const {loadWeights} = await import('@foveal/models');
  const {loaded, missing, misshapen, unexpected} = await loadWeights(task.model, weights, {strict: !partial});
  if (loaded === 0)
    throw new Error(`${weights}: none of its tensors fits the model. Is it another architecture?`);
  const left = [...missing, ...misshapen.map(({name}) => name)];
  if (left.length) process.stderr.write(`not in ${weights}, so newly started: ${left.join(', ')}\n`);
  if (unexpected.length) process.stderr.write(`not in the model, so left out: ${unexpected.join(', ')}\n`);
}

async function openSplits(
  spec: DataSpec,
  {validation, seed}: TrainCommandOptions,
): Promise<{training: Dataset; validation: Dataset | undefined}> {
  const share = Number(validation);
  if (validation !== 'test' && !(validation.trim() && share >= 0 && share < 1)) {
    throw new UsageError(`--validation ${validation}: expected a share from 0 to below 1, or test.`);
  }
  const all = await openDataset(spec, 'train');
  if (validation === 'test') return {training: all, validation: await openDataset(spec, 'test')};
  if (share === 0) return {training: all, validation: undefined};
  const {Random} = await import('@foveal/core');
  const {split} = await import('@foveal/data');
  const {seedFor} = await import('../train/streams.js');
  const parts = split(all, {validation: share, random: new Random(seedFor(seed, 'holdOut'))});
  return {training: parts.train, validation: parts.validation};
}

function summary(
  {best, interrupted, early, files, steps}: TrainResult,
  validated: boolean,
  {data, out}: TrainCommandOptions,
): string {
  const checkpoint = best ? files?.best : files?.last;
  return [
    interrupted
      ? `Stopped after ${plural(steps, 'step')}. Go on with the same command and --resume.`
      : `${early ? 'Stopped early, as nothing got better' : 'Done'}: ${plural(steps, 'step')}${best && validated ? `, best at epoch ${Number(best.epoch.toFixed(2))} with ${percent(best.score, 2)} on the validation images` : ''}.`,
    `  ${checkpoint}  the model`,
    `  ${files?.curve}  the training curve`,
    `  ${files?.log}  the log`,
    ...(interrupted
      ? []
      : [
          'Next:',
          `  foveal eval --checkpoint ${checkpoint} --data ${data}`,
          `  foveal predict --checkpoint ${checkpoint} IMAGES --out ${out}/predictions`,
        ]),
    '',
  ].join('\n');
}
