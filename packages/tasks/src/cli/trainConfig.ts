import {readFileSync} from 'node:fs';
import type {Command} from 'commander';
import {isMap, isScalar, LineCounter, parseDocument} from 'yaml';
import {z} from 'zod';
import {settingProblems} from '../train/settingProblems.js';
import {trainSettings} from '../train/trainOptions.js';
import {kindSettings} from './kindOptions.js';
import {UsageError} from './usageError.js';

const name = z.string().min(1);

/** What a file of settings may hold: the options of `foveal train` without their dashes, in camelCase. */
const config = z.strictObject({
  task: name.optional(),
  ...trainSettings.shape,
  model: name.optional(),
  data: name.optional(),
  weights: name.optional(),
  partial: z.boolean().optional(),
  validation: z.union([z.number().min(0).lt(1), z.literal('test')], {
    error: 'expected a share from 0 to below 1, or test',
  }),
  augment: z.union([name, z.array(name)]).optional(),
  engine: name.optional(),
  images: name.optional(),
  fix: z.boolean().optional(),
  masks: name.optional(),
  suffix: name.optional(),
  list: name.optional(),
  ...kindSettings(),
});

/**
 * Reads settings from a YAML or JSON file into a command's options; those given on the command line stay.
 *
 * @returns the kind of task that the file names, if it does.
 * @throws UsageError that lists every problem of the file with its line.
 */
export function applyTrainConfig(command: Command, path: string): {task: string | undefined} {
  const {data, lineOf} = readConfig(path);
  const checked = config.partial().safeParse(data);
  const problems = checked.success
    ? []
    : settingProblems(checked.error, data, {names: Object.keys(config.shape), kind: 'setting'});
  if (data['epochs'] !== undefined && data['steps'] !== undefined) {
    problems.push({name: 'steps', text: 'steps: takes the place of epochs; give one of the two'});
  }
  const lines = problems.map(({name, text}) => ({line: lineOf(name), text})).sort((a, b) => a.line - b.line);
  if (lines.length)
    fail(
      path,
      lines.map(({line, text}) => `line ${line}: ${text}`),
    );

  const given = (option: string) => command.getOptionValueSource(option) === 'cli';
  const replaced = {epochs: 'steps', steps: 'epochs'} as Record<string, string>;
  const {task, ...options} = data;
  for (const [key, value] of Object.entries(options)) {
    if (given(key) || (key in replaced && given(replaced[key]))) continue;
    command.setOptionValueWithSource(
      key,
      key === 'validation' || key === 'augment' ? String(value) : value,
      'config',
    );
  }
  return {task: typeof task === 'string' ? task : undefined};
}

function readConfig(path: string): {data: Record<string, unknown>; lineOf(name: string): number} {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--config ${path}: cannot be read: ${(error as Error).message}`);
  }
  const lineCounter = new LineCounter();
  // JSON is YAML, so one parser serves both, and knows the lines of both.
  const document = parseDocument(text, {lineCounter, prettyErrors: false});
  const {contents, errors} = document;
  if (errors.length) {
    fail(
      path,
      errors.map(({message, pos}) => `line ${lineCounter.linePos(pos[0]).line}: ${message}`),
    );
  }
  if (!isMap(contents)) fail(path, ['line 1: expected settings such as "epochs: 10", one a line']);
  const starts = new Map(
    contents.items.flatMap(({key}) =>
      isScalar(key) ? [[String(key.value), lineCounter.linePos(key.range?.[0] ?? 0).line]] : [],
    ),
  );
  return {data: document.toJS() as Record<string, unknown>, lineOf: name => starts.get(name) ?? 1};
}

function fail(path: string, problems: readonly string[]): never {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw new UsageError(`--config ${path} has ${count}:\n  ${problems.join('\n  ')}`);
}
