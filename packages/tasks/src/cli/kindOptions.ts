import {type Command, Option} from 'commander';
import type {KindOption, TaskCommand, TaskKind} from '../kinds/taskKind.js';
import {allKinds} from '../taskKinds.js';
import {knownName, UsageError} from './usageError.js';

/** What follows `foveal train`, by which a kind is named. */
export const kindWords: readonly string[] = allKinds.map(({command}) => command);

/** @throws UsageError with the nearest word if there is no such kind. */
export function kindNamed(word: string): TaskKind {
  const known = knownName('task', word, kindWords);
  return allKinds.find(({command}) => command === known) as TaskKind;
}

/** The kinds that know a model. Several may: the first one is meant, unless the user says. */
export async function kindOfModel(model: string, word: string | undefined): Promise<TaskKind> {
  if (word !== undefined) {
    const kind = kindNamed(word);
    await modelOf(kind, model);
    return kind;
  }
  const names: string[] = [];
  for (const kind of allKinds) {
    const own = await kind.modelNames();
    if (own.includes(model)) return kind;
    refuseFromPrograms(kind, model);
    names.push(...own);
  }
  knownName('model', model, names);
  return allKinds[0];
}

/** @throws UsageError if a kind has no such model, with the command for a model of another kind. */
export async function modelOf(kind: TaskKind, name: string): Promise<string> {
  const names = await kind.modelNames();
  if (!names.includes(name)) {
    refuseFromPrograms(kind, name);
    for (const other of allKinds) {
      if (!(await other.modelNames()).includes(name)) continue;
      throw new UsageError(
        `there is no model "${name}" for ${kind.command}, but for ${other.command}: foveal train ${other.command} ` +
          `--model ${name}. There are: ${names.join(', ')}.`,
      );
    }
  }
  return knownName('model', name, names);
}

function refuseFromPrograms({fromPrograms}: TaskKind, model: string): void {
  if (fromPrograms && Object.hasOwn(fromPrograms, model))
    throw new UsageError(`--model ${model}: ${fromPrograms[model]}`);
}

/** Adds the options of a command that only some kinds have, each once. */
export function withKindOptions(command: Command, on: TaskCommand): Command {
  for (const [flags, {option, kinds}] of optionsOf(on)) {
    const added = new Option(flags, option.about).helpGroup(`For ${listed(kinds)}:`);
    if (option.parse) added.argParser(option.parse);
    command.addOption(added);
  }
  return command;
}

/**
 * The options given that are the kind's own.
 *
 * @throws UsageError for each that is another kind's.
 */
export function kindOptions(command: Command, on: TaskCommand, kind: TaskKind): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  const foreign: string[] = [];
  for (const [flags, {kinds}] of optionsOf(on)) {
    const name = new Option(flags).attributeName();
    const value = command.getOptionValue(name) as unknown;
    if (value === undefined) continue;
    if (kinds.includes(kind)) own[name] = value;
    else foreign.push(`${flags.split(' ')[0]} is for ${listed(kinds)}`);
  }
  if (foreign.length) throw new UsageError(`${foreign.join('; ')}; this task is to ${kind.command}.`);
  return own;
}

/** What a file of settings may hold of the kinds' own options of `foveal train`. */
export const kindSettings = () =>
  Object.fromEntries(
    [...optionsOf('train')].flatMap(([flags, {option}]) =>
      option.setting ? [[new Option(flags).attributeName(), option.setting.optional()]] : [],
    ),
  );

/** The kinds that have an option of a command as their own; undefined for one that all commands have. */
export const kindsWithOption = (flags: string, on: TaskCommand): readonly TaskKind[] | undefined =>
  optionsOf(on).get(flags)?.kinds;

const listed = (kinds: readonly TaskKind[]) =>
  new Intl.ListFormat('en', {type: 'conjunction'}).format(kinds.map(({command}) => command));

/** Options of a command by their flags, each with the kinds that have it. */
function optionsOf(on: TaskCommand): Map<string, {option: KindOption; kinds: TaskKind[]}> {
  const found = new Map<string, {option: KindOption; kinds: TaskKind[]}>();
  for (const kind of allKinds) {
    for (const option of kind.options) {
      if (!option.on.includes(on)) continue;
      const before = found.get(option.flags);
      if (before) before.kinds.push(kind);
      else found.set(option.flags, {option, kinds: [kind]});
    }
  }
  return found;
}
