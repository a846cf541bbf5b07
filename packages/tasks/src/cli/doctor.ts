import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, extname, join} from 'node:path';
import {type Inspection, inspect, problemText} from '@foveal/data';
import {Command} from 'commander';
import {plural} from '../terminal/format.js';
import {progress} from '../terminal/progress.js';
import {statusLine} from '../terminal/statusLine.js';
import {dataOptions, type RawDataOptions, withDataOptions} from './dataOptions.js';
import {type DataSpec, dataHelp, parseDataSpec} from './dataSpec.js';
import {datasetParts} from './datasetParts.js';
import {inspectionText} from './inspectionText.js';
import {listenForInterrupt} from './interrupt.js';
import {readerOf} from './readerOf.js';
import {requireOptions} from './requireOptions.js';
import {SampleSheet} from './sampleSheet.js';
import {wholeNumber} from './values.js';

interface DoctorOptions extends RawDataOptions {
  data: string;
  split?: string;
  out: string;
  samples: number;
  json?: boolean;
}

/** A part of a dataset and what is in it. */
type PartReport = {split: string | null} & Inspection;

export const doctorCommand = (exit: (code: number) => void) =>
  withDataOptions(
    new Command('doctor')
      .description('read a whole dataset: list every problem, count what is in it, draw samples')
      .option('--data <spec>', dataHelp)
      .option('--split <name>', 'one part of it, such as train, val or test (default: all there are)'),
  )
    .option(
      '--out <path>',
      'a PNG file for the contact sheet, or a folder for it and report.json',
      'runs/doctor',
    )
    .option('--samples <n>', 'images on the contact sheet; 0 for none', wholeNumber(0), 40)
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${examples}`)
    .action(async (options: DoctorOptions, command: Command) => {
      requireOptions(command, 'data');
      const interrupt = listenForInterrupt('stopping');
      try {
        const problems = await examine(options, interrupt.signal);
        if (problems > 0) exit(1);
      } catch (error) {
        const code = interrupt.exitCode();
        if (code === undefined) throw error;
        exit(code);
      } finally {
        interrupt.dispose();
      }
    });

/** @returns how many problems were found. */
async function examine(options: DoctorOptions, signal: AbortSignal): Promise<number> {
  const spec = parseDataSpec(options.data);
  const splits = options.split === undefined ? datasetParts(spec) : [options.split];
  const perPart = Math.ceil(options.samples / splits.length);
  const sheet = new SampleSheet(perPart);
  const parts: PartReport[] = [];
  for (const split of splits) {
    parts.push({split: split ?? null, ...(await inspectPart(spec, split, {options, sheet, signal}))});
  }
  const contactSheet =
    options.samples > 0 ? await writeSheet(options.out, sheet, titleOf(options.data, parts)) : undefined;
  const problems = parts.reduce((sum, part) => sum + part.problems.length, 0);
  const report = {data: options.data, problems, ...(contactSheet && {contactSheet}), parts};
  if (extname(options.out).toLowerCase() !== '.png') {
    await mkdir(options.out, {recursive: true});
    await writeFile(join(options.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  }
  process.stdout.write(
    options.json ? `${JSON.stringify(report, null, 2)}\n` : textOf(parts, options.data, contactSheet),
  );
  return problems;
}

async function inspectPart(
  spec: DataSpec,
  split: string | undefined,
  {options, sheet, signal}: {options: DoctorOptions; sheet: SampleSheet; signal: AbortSignal},
): Promise<Inspection> {
  const line = statusLine();
  const started = performance.now();
  try {
    const read = await readerOf(spec, split, dataOptions(options));
    return await inspect(async problems => sheet.watch(await read(problems), signal), {
      onProgress: (done, total) => line.update(() => progress(done, total, started)),
    });
  } finally {
    line.stop();
  }
}

async function writeSheet(out: string, sheet: SampleSheet, title: string): Promise<string | undefined> {
  const png = await sheet.draw(title);
  if (!png) return undefined;
  const file = extname(out).toLowerCase() === '.png' ? out : join(out, 'contact-sheet.png');
  await mkdir(dirname(file), {recursive: true});
  await writeFile(file, png);
  return file;
}

const titleOf = (data: string, parts: readonly PartReport[]) =>
  `${data}: samples of ${plural(
    parts.reduce((sum, {images}) => sum + images.usable, 0),
    'image',
  )}`;

function textOf(parts: readonly PartReport[], data: string, sheet: string | undefined): string {
  const problems = parts.flatMap(part => part.problems);
  return [
    ...parts.map(part => inspectionText(part.split === null ? data : `${data}, ${part.split}`, part)),
    problems.length === 0 ? 'No problems.' : `${plural(problems.length, 'problem')}:`,
    ...problems.map(problem => `  ${problemText(problem)}`),
    ...(sheet ? ['', `samples: ${sheet}`] : []),
    '',
  ].join('\n');
}

const examples = `Examples:
  foveal doctor --data voc:BCCD
  foveal doctor --data coco:instances.json --images photos/ --out runs/look
  foveal doctor --data masks:camvid/train --masks camvid/trainannot --categories names.txt --ignore 11
  foveal doctor --data instances:PNGImages --masks PedMasks --suffix _mask --json

The exit code is 1 if there are problems.`;
