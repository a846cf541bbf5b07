import {Command} from 'commander';
import type {BrokenImage} from '../predict/predict.js';
import {count, plural} from '../terminal/format.js';
import {statusLine} from '../terminal/statusLine.js';
import {engineOption, startEngine} from './engineOption.js';
import {listenForInterrupt} from './interrupt.js';
import {requireOptions} from './requireOptions.js';
import {wholeNumber} from './values.js';

interface PredictOptions {
  checkpoint: string;
  json?: boolean;
  out?: string;
  top: number;
  batchSize: number;
  engine?: string;
}

export const predictCommand = (exit: (code: number) => void) =>
  new Command('predict')
    .description('say what is on images')
    .argument('<images...>', 'image files, or folders of them')
    .option('--checkpoint <file>', 'a checkpoint of foveal train')
    .option('--out <folder>', 'draw each prediction, and a contact sheet, into this folder')
    .option('--top <n>', 'categories to name for each image', wholeNumber(1), 1)
    .option('--batch-size <n>', 'images at once', wholeNumber(1), 32)
    .addOption(engineOption())
    .option('--json', 'print a JSON array, one image a line')
    .addHelpText('after', `\n${examples}`)
    .action(async (paths: string[], options: PredictOptions, command: Command) => {
      requireOptions(command, 'checkpoint');
      const interrupt = listenForInterrupt('stopping');
      try {
        const broken = await runPrediction(paths, options, interrupt.signal);
        if (broken > 0) exit(1);
      } catch (error) {
        const code = interrupt.exitCode();
        if (code === undefined) throw error;
        exit(code);
      } finally {
        interrupt.dispose();
      }
    });

async function runPrediction(paths: string[], options: PredictOptions, signal: AbortSignal): Promise<number> {
  const {predict} = await import('../predict/predict.js');
  const {imageFiles} = await import('../predict/imageFiles.js');
  await startEngine(options.engine);
  const {loadCheckpoint} = await import('../train/checkpoint.js');
  const {task} = await loadCheckpoint(options.checkpoint);
  const pictures = options.out === undefined ? undefined : await openPictures(options.out);

  const print = options.json ? jsonPrinter() : linePrinter();
  const broken: BrokenImage[] = [];
  // Where the results themselves go to the terminal, they show how far it is.
  const status = process.stdout.isTTY ? undefined : statusLine();
  let done = 0;
  try {
    const predictions = predict(task, imageFiles(paths), {
      batchSize: options.batchSize,
      signal,
      onBroken: one => broken.push(one),
    });
    for await (const prediction of predictions) {
      done++;
      status?.update(() => plural(done, 'image'));
      const picture = await pictures?.add(prediction);
      print.result({
        file: prediction.file,
        categories: prediction.categories.slice(0, options.top),
        ...(picture !== undefined && {picture}),
      });
    }
  } finally {
    status?.stop();
    print.end(broken);
  }
  const sheet = await pictures?.finish();
  if (sheet) process.stderr.write(`pictures: ${sheet}\n`);
  if (done + broken.length === 0) process.stderr.write('there are no images in the folders given.\n');
  for (const {reason} of broken) process.stderr.write(`foveal: ${reason}\n`);
  if (broken.length) {
    process.stderr.write(
      `foveal: ${count(broken.length)} of ${plural(done + broken.length, 'image')} could not be read.\n`,
    );
  }
  return broken.length;
}

const openPictures = async (folder: string) =>
  (await import('../predict/pictureFolder.js')).PictureFolder.open(folder);

interface Result {
  file: string;
  categories: {category: string; score: number}[];
  picture?: string;
}

interface Printer {
  result(result: Result): void;
  /** Called once, also after a failure, so that what was printed is whole. */
  end(broken: readonly BrokenImage[]): void;
}

function linePrinter(): Printer {
  return {
    result({file, categories}) {
      const named = categories.map(({category, score}) => `${category}  ${(100 * score).toFixed(1)} %`);
      process.stdout.write(`${file}  ${named.join('  ')}\n`);
    },
    end() {},
  };
}

/** One array over all, so that it parses as a whole; one element a line, so that it can be read as it comes. */
function jsonPrinter(): Printer {
  let separator = '[\n';
  const element = (value: object) => {
    process.stdout.write(separator + JSON.stringify(value));
    separator = ',\n';
  };
  return {
    result: element,
    end(broken) {
      for (const {file, reason} of broken) element({file, error: reason});
      process.stdout.write(separator === '[\n' ? '[]\n' : '\n]\n');
    },
  };
}

const examples = `Examples:
  foveal predict --checkpoint runs/digits/best.safetensors scans/ --out runs/digits/predictions
  foveal predict --checkpoint runs/digits/best.safetensors a.png b.jpg --top 3 --json

An image that cannot be read is named at the end and does not stop the others; the exit code is then 1.`;
