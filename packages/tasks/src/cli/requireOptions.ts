import type {Command} from 'commander';
import {UsageError} from './usageError.js';

/**
 * Checks that options were given. commander's own check comes before its check for unknown options, so that
 * `--modle` would be reported as a missing `--model`, without the hint.
 *
 * @throws UsageError that lists every missing one.
 */
export function requireOptions(command: Command, ...names: string[]): void {
  const given = command.opts();
  const missing = command.options.filter(option => {
    const name = option.attributeName();
    return names.includes(name) && given[name] === undefined;
  });
  if (missing.length === 0) return;
  const lines = missing.map(({flags, description}) => `  ${flags}  ${description}`);
  throw new UsageError(
    `${command.name()} needs ${missing.length === 1 ? 'one more option' : 'more options'}:\n${lines.join('\n')}\n` +
      `(foveal ${command.name()} --help tells what there is)`,
  );
}
