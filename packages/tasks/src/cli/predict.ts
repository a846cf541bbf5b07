import {existsSync} from 'node:fs';
import {Command} from 'commander';
import type {PredictionOutput} from '../kinds/taskKind.js';
import type {BrokenImage} from '../predict/predict.js';
import type {Shard} from '../predict/shard.js';
import {count, plural} from '../terminal/format.js';
import {statusLine} from '../terminal/statusLine.js';
import {engineOption, startEngine} from './engineOption.js';
import {listenForInterrupt} from './interrupt.js';
import {kindOptions, withKindOptions} from './kindOptions.js';
import {checkModelOptions, checkpointOption, type ModelOptions, openTask, taskKindOf} from './openTask.js';
import {jsonPrinter, linePrinter, type Printer} from './predictionPrinter.js';
import {preprocessOption} from './preprocessOption.js';
import {UsageError} from './usageError.js';
import {positiveNumber, wholeNumber} from './values.js';

interface PredictCommandOptions extends ModelOptions {
  categories?: string;
  json?: boolean;
  out?: string;
  pictures?: string;
  resume?: boolean;
  overwrite?: boolean;
  batchSize?: number;
  timeout: number;
  decodeThreads?: number;
  engine?: string;
}

export const predictCommand = (exit: (code: number) => void) =>
  withKindOptions(
    new Command('predict')
      .description('say what is on images')
      .argument('<images...>', 'image files, folders of them, globs, or - for a list on standard input')
      .addOption(checkpointOption())
      .option('--model <name>', 'a model, see foveal models; with --weights and --categories')
      .option('--weights <file>', 'its weights: .safetensors, .pth or .th')
      .option('--categories <file>', 'the names of its outputs, one a line')
      .option('--task <kind>', 'with --model, where several kinds of task have one of that name'),
    'predict',
  )
    .addOption(preprocessOption())
    .option(
      '--out <path>',
      "write results to a .jsonl or .csv file, or objects to a .json in COCO's form; a folder gets pictures",
    )
    .option('--pictures <folder>', 'draw each prediction, and a contact sheet, into this folder')
    .option('--resume', 'complete the file in --out: only what is missing is predicted')
    .option('--overwrite', 'replace the file in --out')
    .option('--batch-size <n>', 'images at once', wholeNumber(1))
    .option('--decode-threads <n>', 'threads that read images while the model computes', wholeNumber(0))
    .option('--timeout <seconds>', 'give an image up that takes longer to read', positiveNumber, 60)
    .addOption(engineOption())
    .option('--json', 'print a JSON array, one image a line')
    .addHelpText('after', `\n${examples}`)
    .action(async (paths: string[], options: PredictCommandOptions, command: Command) => {
      const outputs = await checkOutputs(options);
      await checkModelOptions(options);
      const interrupt = listenForInterrupt('stopping');
      try {
        const broken = await runPrediction(command, paths, {...options, ...outputs}, interrupt.signal);
        if (broken > 0) exit(1);
      } catch (error) {
        const code = interrupt.exitCode();
        if (code === undefined) throw error;
        exit(code);
      } finally {
        interrupt.dispose();
      }
    });

interface Outputs {
  results?: string;
  pictures?: string;
  shard?: Shard;
}

async function checkOutputs({
  out,
  pictures,
  resume,
  overwrite,
  model,
  categories,
}: PredictCommandOptions): Promise<Outputs> {
  const {shardFrom, shardPath} = await import('../predict/shard.js');
  const results = out !== undefined && /\.(jsonl|ndjson|csv|json)$/i.test(out) ? out : undefined;
  if (out !== undefined && /\.(txt|tsv|xml|ya?ml|parquet)$/i.test(out))
    throw new UsageError(`--out ${out}: results are written to .jsonl, .ndjson or .csv.`);
  if ((resume || overwrite) && !results) {
    throw new UsageError(
      '--resume and --overwrite need a file of results: --out results.jsonl or results.csv.',
    );
  }
  if (resume && overwrite) throw new UsageError('--resume keeps what --overwrite replaces: choose one.');
  if (model !== undefined && categories === undefined)
    throw new UsageError(
      '--model needs --categories FILE: weights alone do not tell what their outputs mean.',
    );
  const shard = shardFrom(process.env);
  const folder = pictures ?? (results ? undefined : out);
  return {
    ...(results !== undefined && {results: shard ? shardPath(results, shard) : results}),
    ...(folder !== undefined && {pictures: folder}),
    ...(shard && {shard}),
  };
}

async function runPrediction(
  command: Command,
  paths: string[],
  options: PredictCommandOptions & Outputs,
  signal: AbortSignal,
): Promise<number> {
  const {predict} = await import('../predict/predict.js');
  const {imageFiles} = await import('../predict/imageFiles.js');
  const {remaining} = await import('../predict/remaining.js');
  await startEngine(options.engine);
  const kind = await taskKindOf(options);
  const own = kindOptions(command, 'predict', kind);
  const task = await openTask(kind, own, options, () => namesIn(options.categories));
  const output = await kind.predictions(task, own);
  const collector = await openCollector(options, output);
  const results = collector ? undefined : await openResults(options, output, own);
  const before = results?.count ?? 0;
  const status = statusLine();
  const print = results || collector ? undefined : printer(options, output);
  const broken: BrokenImage[] = [];
  let done = 0;
  let failed = 0;
  const started = performance.now();
  try {
    const pictures =
      options.pictures === undefined ? undefined : await openPictures(options.pictures, output);
    const all = imageFiles(paths);
    const files =
      results || options.shard
        ? remaining(all, {
            ...(options.shard && {shard: options.shard}),
            ...(results && {isDone: key => results.has(key)}),
          })
        : all;
    const predictions = predict(task, files, {
      ...(options.batchSize !== undefined && {batchSize: options.batchSize}),
      timeout: options.timeout,
      ...(options.decodeThreads !== undefined && {decodeThreads: options.decodeThreads}),
      signal,
      onBroken: one => {
        failed++;
        results?.fail(one);
        // The manifest has them all; a list in memory would grow with the disaster.
        if (!results || broken.length < mostShown) broken.push(one);
      },
    });
    for await (const prediction of predictions) {
      done++;
      // Where the results themselves go to the terminal, they show how far it is.
      if (!print || !process.stdout.isTTY) status.update(() => rate(done, started));
      const record = output.record(prediction);
      const picture = await pictures?.add(prediction);
      results?.write(record);
      collector?.add(record);
      print?.result({...record, ...(picture !== undefined && {picture})});
    }
    status.stop();
    await collector?.finish();
    const sheet = await pictures?.finish();
    if (sheet) process.stderr.write(`pictures: ${sheet}\n`);
  } finally {
    status.stop();
    print?.end(broken);
    results?.close();
  }
  if (done + failed + before === 0) process.stderr.write('there are no images in what was given.\n');
  for (const {reason} of broken) process.stderr.write(`foveal: ${reason}\n`);
  if (failed) {
    const where = results ? ` They are listed in ${results.failuresPath}.` : '';
    process.stderr.write(
      `foveal: ${count(failed)} of ${plural(done + failed, 'image')} could not be read.${where}\n`,
    );
  }
  if (results) {
    const kept = before ? `, ${count(before)} were there` : '';
    process.stderr.write(`${results.path}: ${plural(done, 'result')} added${kept}\n`);
  }
  if (collector) process.stderr.write(`${options.results}: results of ${plural(done, 'image')}\n`);
  return failed;
}

const mostShown = 20;

const rate = (done: number, started: number) =>
  `${plural(done, 'image')} · ${count(done / ((performance.now() - started) / 1000))} images/s`;

/** What writes `--out` as a whole, if its name asks for that. */
async function openCollector(
  {results, resume, overwrite}: PredictCommandOptions & Outputs,
  output: PredictionOutput<unknown>,
) {
  const collector = results === undefined ? undefined : output.collector?.(results);
  if (results === undefined || !collector) return undefined;
  if (resume) throw new UsageError(`--resume: ${results} is written as a whole; use results.jsonl.`);
  if (existsSync(results) && !overwrite)
    throw new Error(`${results} is there already. Pass --overwrite to replace it.`);
  return collector;
}

async function openResults(
  {results, resume, overwrite, model, preprocess, ...files}: PredictCommandOptions & Outputs,
  output: PredictionOutput<unknown>,
  own: Record<string, unknown>,
) {
  if (results === undefined) return undefined;
  const format = output.format(results);
  if (!format)
    throw new UsageError(`--out ${results}: this task's results are written to .jsonl, .ndjson or .csv.`);
  const {ResultFile} = await import('../predict/resultFile.js');
  const {resultSource} = await import('../predict/resultSource.js');
  const weights = files.checkpoint ?? [files.weights ?? ''];
  const source = await resultSource(weights, {model, preprocess, ...own});
  return ResultFile.open(results, {format, source, resume: resume ?? false, overwrite: overwrite ?? false});
}

/** Standard output is for results, unless they go to a file. */
function printer({json}: PredictCommandOptions, output: PredictionOutput<unknown>): Printer {
  return json ? jsonPrinter() : linePrinter(record => output.line(record));
}

async function namesIn(file = ''): Promise<string[]> {
  const {readFile} = await import('node:fs/promises');
  const {classNames} = await import('./labelledFolder.js');
  return classNames(await readFile(file, 'utf8'));
}

const openPictures = async (folder: string, output: PredictionOutput<object>) =>
  (await import('../predict/pictureFolder.js')).PictureFolder.open(folder, output);

const examples = `Examples:
  foveal predict --checkpoint runs/digits/best.safetensors scans/ --out runs/digits/predictions
  foveal predict --checkpoint runs/digits/best.safetensors a.png b.jpg --top 3 --json
  foveal predict --checkpoint one.safetensors --checkpoint two.safetensors --crops 10 photos/ --json
  foveal predict --checkpoint best.safetensors 'inbox/**/*.jpg' --out results.jsonl --resume
  find /archive -name '*.jpg' | foveal predict --checkpoint best.safetensors - --out results.csv

A file of results holds each image once. After a kill, the same command with --resume completes it; results.source.json
keeps another model from doing so. What cannot be read goes to results.failures.jsonl, does not stop the others, and is tried again with --resume; the exit code is 1.
With RANK and WORLD_SIZE set, each process takes its share and writes results.RANK-of-WORLD_SIZE.jsonl.`;
