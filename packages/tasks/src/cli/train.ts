import type {Dataset} from '@foveal/data';
import {Command, InvalidArgumentError, Option} from 'commander';
import type {Classifier} from '../classification/classifier.js';
import {percent, plural} from '../terminal/format.js';
import type {OptimizerName} from '../train/optimizers.js';
import type {ScheduleName} from '../train/schedules.js';
import {type DataSpec, dataHelp, openDataset, parseDataSpec} from './dataSpec.js';
import {engineOption, startEngine} from './engineOption.js';
import {listenForInterrupt} from './interrupt.js';
import {modelsWithNames} from './openTask.js';
import {requireOptions} from './requireOptions.js';
import {knownName, UsageError} from './usageError.js';
import {nonNegativeNumber, positiveNumber, wholeNumber} from './values.js';

/** A share below 1. */
const share = (text: string): number => {
  const value = nonNegativeNumber(text);
  if (value < 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to below 1, such as 0.1.');
};

interface TrainCommandOptions {
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

export const trainCommand = (exit: (code: number) => void) =>
  new Command('train')
    .description('train a classifier, or fine-tune one')
    .option('--model <name>', 'a model, see foveal models')
    .option('--data <spec>', dataHelp)
    .option('--out <folder>', 'where checkpoints, log and curve go')
    .option('--weights <file>', 'start from these weights: .safetensors, .pth or .th')
    .option('--partial', 'load what fits of --weights: all but the head, for other categories')
    .option('--config <file>', 'settings from a YAML or JSON file: these options in camelCase; flags win')
    .option('--epochs <n>', 'passes over the data (default: 10)', wholeNumber(1))
    .addOption(
      new Option('--steps <n>', 'steps, in place of epochs').argParser(wholeNumber(1)).conflicts('epochs'),
    )
    .option('--batch-size <n>', 'images at once', wholeNumber(1), 64)
    .option('--accumulate <n>', 'batches that make one step', wholeNumber(1))
    .option('--learning-rate <x>', "the highest one (default: the optimizer's own)", positiveNumber)
    .option('--optimizer <name>', 'sgd, adam, adamw, rmsprop, adagrad or adadelta', 'sgd')
    .option('--schedule <name>', 'constant, cosine, step, exponential or polynomial', 'cosine')
    .option('--warmup <epochs>', 'epochs of rising learning rate', nonNegativeNumber, 0)
    .option('--weight-decay <x>', 'L2 decay', nonNegativeNumber, 1e-4)
    .option('--clip-norm <x>', 'the largest norm of the gradient', positiveNumber)
    .option('--clip-value <x>', 'the largest size of any value of the gradient', positiveNumber)
    .option(
      '--ema <decay>',
      'average the weights over the steps, e.g. 0.999; judge and save the average',
      share,
    )
    .option('--patience <epochs>', 'stop when so many epochs brought nothing better', wholeNumber(1))
    .option(
      '--validation <what>',
      "a share of the data, such as 0.1, or test: the data's own test part",
      '0.1',
    )
    .option('--augment <how>', 'none, or crop-flip: shifted by up to 4 pixels, and mirrored', 'none')
    .option('--label-smoothing <x>', 'the share of certainty that is spread over all categories', share)
    .option('--seed <n>', 'decides everything that is random', wholeNumber(0), 0)
    .addOption(engineOption())
    .option('--save-seconds <x>', 'save at least this often (default: 60)', positiveNumber)
    .option('--log-steps <n>', 'steps between lines of the log', wholeNumber(1))
    .option('--concurrency <n>', 'images decoded at once', wholeNumber(1))
    .option('--resume', 'go on where the run in --out stopped')
    .option('--overwrite', 'replace the run in --out')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\n${examples}`)
    .action(async (options: TrainCommandOptions, command: Command) => {
      if (options.config !== undefined) {
        const {applyTrainConfig} = await import('./trainConfig.js');
        applyTrainConfig(command, options.config);
        options = command.opts<TrainCommandOptions>();
      }
      requireOptions(command, 'model', 'data', 'out');
      const interrupt = listenForInterrupt('stopping after this step; once more to stop at once');
      try {
        await runTraining(options, interrupt.signal);
      } finally {
        interrupt.dispose();
      }
      const code = interrupt.exitCode();
      if (code !== undefined) exit(code);
    });

async function runTraining(options: TrainCommandOptions, signal: AbortSignal): Promise<void> {
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
  {best, interrupted, early, files, steps}: Awaited<ReturnType<typeof import('../train/train.js')['train']>>,
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

const examples = `Examples:
  foveal train --model lenet5 --data mnist:data/mnist --epochs 3 --optimizer adam --out runs/digits
  foveal train --model resnet20 --data cifar10:data/cifar10 --epochs 20 --augment crop-flip --out runs/cifar
  foveal train --model resnet20 --data photos/ --weights resnet20.th --partial --out runs/photos
  foveal train … --out runs/cifar --resume
  foveal train --config cifar.yaml --out runs/cifar --seed 7`;
