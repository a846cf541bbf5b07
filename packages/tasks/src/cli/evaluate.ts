import {Command, Option} from 'commander';
import {progress} from '../terminal/progress.js';
import {statusLine} from '../terminal/statusLine.js';
import {dataOptions, type RawDataOptions, withDataOptions} from './dataOptions.js';
import {dataHelp, openDataset, parseDataSpec} from './dataSpec.js';
import {engineOption, startEngine} from './engineOption.js';
import {listenForInterrupt} from './interrupt.js';
import {kindOptions, withKindOptions} from './kindOptions.js';
import {checkModelOptions, checkpointOption, type ModelOptions, openTask, taskKindOf} from './openTask.js';
import {preprocessOption} from './preprocessOption.js';
import {requireLabels} from './requireLabels.js';
import {requireOptions} from './requireOptions.js';
import {type ScoredOn, scorePredictions, scoreTable} from './scorePredictions.js';
import {knownName, UsageError} from './usageError.js';
import {wholeNumber} from './values.js';

interface EvaluateCommandOptions extends ModelOptions, RawDataOptions {
  data: string;
  split: string;
  batchSize?: number;
  predictions?: string;
  on?: ScoredOn;
  out?: string;
  engine?: string;
  json?: boolean;
}

export const evaluateCommand = (exit: (code: number) => void) =>
  withKindOptions(
    withDataOptions(
      new Command('eval')
        .alias('evaluate')
        .description('measure a model on labelled images, or score predictions made elsewhere')
        .option('--data <spec>', dataHelp)
        .addOption(checkpointOption())
        .option('--model <name>', 'a model, see foveal models; with --weights')
        .option('--weights <file>', 'its weights: .safetensors, .pth or .th')
        .option('--task <kind>', 'with --model, where several kinds of task have one of that name')
        .addOption(preprocessOption())
        .option('--predictions <file>', "results in COCO's format, in place of a model")
        .addOption(
          new Option(
            '--on <what>',
            'with --predictions: score boxes or masks (default: all there are)',
          ).choices(['bbox', 'segm']),
        )
        .option('--split <name>', 'train or test', 'test'),
    ),
    'eval',
  )
    .option('--batch-size <n>', 'images at once', wholeNumber(1))
    .option('--out <folder>', 'write report.json and a drawing of the result into this folder')
    .addOption(engineOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${examples}`)
    .action(async (options: EvaluateCommandOptions, command: Command) => {
      requireOptions(command, 'data');
      if (options.predictions !== undefined) return scoreFile(options.predictions, options);
      if (options.on) throw new UsageError('--on goes with --predictions.');
      await checkModelOptions(options);
      const interrupt = listenForInterrupt('stopping');
      try {
        await measureModel(command, options, interrupt.signal);
      } catch (error) {
        const code = interrupt.exitCode();
        if (code === undefined) throw error;
        exit(code);
      } finally {
        interrupt.dispose();
      }
    });

async function scoreFile(
  predictions: string,
  {data, on, out, json, model, checkpoint}: EvaluateCommandOptions,
) {
  if (model !== undefined || checkpoint !== undefined) {
    throw new UsageError('--predictions are scored without a model: leave --model and --checkpoint out.');
  }
  const scores = await scorePredictions(predictions, parseDataSpec(data), {
    ...(on && {on}),
    ...(out !== undefined && {out}),
  });
  process.stdout.write(json ? `${JSON.stringify(scores, null, 2)}\n` : scoreTable(scores));
}

async function measureModel(
  command: Command,
  options: EvaluateCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const spec = parseDataSpec(options.data);
  const split = knownName('split', options.split, ['train', 'test']);
  const line = statusLine();
  try {
    const {evaluate} = await import('../evaluate.js');
    const engine = await startEngine(options.engine);
    const dataset = await openDataset(spec, split, dataOptions(options));
    const kind = await taskKindOf(options);
    requireLabels(kind, dataset, options.data);
    const own = kindOptions(command, 'eval', kind);
    const task = await openTask(kind, own, options, async () => dataset.categories);
    const meter = task.meter();
    const started = performance.now();
    const metrics = await evaluate(task, dataset, {
      ...(options.batchSize !== undefined && {batchSize: options.batchSize}),
      signal,
      meter,
      onProgress: (done, total) => line.update(() => progress(done, total, started)),
    });
    line.stop();
    const seconds = (performance.now() - started) / 1000;
    const {model} = task.description;
    const report = {model, data: options.data, engine: engine.name, ...(metrics as object), seconds};
    if (options.out !== undefined) {
      for (const file of await kind.writeReport(options.out, {report, meter, task, dataset})) {
        process.stderr.write(`${file}\n`);
      }
    }
    process.stdout.write(
      options.json ? `${JSON.stringify(report, null, 2)}\n` : kind.evaluation(metrics, seconds),
    );
  } finally {
    line.stop();
  }
}

const examples = `Examples:
  foveal eval --checkpoint runs/digits/best.safetensors --data mnist:data/mnist --out runs/digits/test
  foveal eval --checkpoint one.safetensors --checkpoint two.safetensors --crops 10 --data photos/
  foveal eval --model resnet20 --weights resnet20.th --data cifar10:data/cifar10 --json
  foveal eval --predictions results.json --data coco:annotations.json --json

Preprocessing belongs to weights. What a file does not tell of its own, --preprocess does:
  foveal eval --model squeezenet1_1 --weights squeezenet.safetensors --data photos/ \\
    --preprocess '{"color":"bgr","mean":[104,117,123],"std":[1,1,1],"scale":1,"inputSize":[227,227]}'`;
