import {type Command, Help, Option} from 'commander';
import type {TaskKind} from '../kinds/taskKind.js';
import {allKinds} from '../taskKinds.js';
import {augmentHelp} from './augmentations.js';
import {kindsWithOption} from './kindOptions.js';

/** The task that a command line names; the first of all if it names none. */
export const kindAsked = ({args}: Command): TaskKind =>
  allKinds.find(({command}) => args.includes(command)) ?? allKinds[0];

/** Help of `foveal train`: the options of the task that the line names, with what they are by default for it. */
export class TrainHelp extends Help {
  override visibleOptions(command: Command): Option[] {
    const kind = kindAsked(command);
    return super.visibleOptions(command).flatMap(option => {
      const kinds = kindsWithOption(option.flags, 'train');
      if (kinds && !kinds.includes(kind)) return [];
      return [kinds ? ownOption(option, kind) : commonOption(option, kind)];
    });
  }
}

const ownOption = ({flags, description}: Option, kind: TaskKind): Option =>
  new Option(flags, kind.options.find(one => one.flags === flags)?.about ?? description).helpGroup(
    `For ${kind.command}:`,
  );

function commonOption(option: Option, kind: TaskKind): Option {
  const value = kind.trainDefaults?.[option.attributeName()];
  const augment = option.attributeName() === 'augment';
  if (value === undefined && !augment) return option;
  const description = augment ? augmentHelp(kind) : option.description.replace(/ \(default: .*\)$/, '');
  return new Option(option.flags, description).default(value ?? option.defaultValue);
}

/** What follows the options. */
export function trainExamples(command: Command): string {
  const kind = kindAsked(command);
  const others = allKinds.filter(one => one !== kind).map(one => one.command);
  const examples = kind.trainExamples.map(line => `  foveal train ${line}\n`).join('');
  return `
Examples:
${examples}  foveal train … --out runs/it --resume
  foveal train --config settings.yaml --out runs/it --seed 7

Options and examples of another task: foveal train ${others.join('|')} --help.`;
}
