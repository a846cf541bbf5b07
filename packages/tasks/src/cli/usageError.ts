import {nearestName} from '@foveal/core';

/** The command line itself is wrong: `foveal` prints the message and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Looks a name up.
 *
 * @param kind - What it names, for the message: `model`.
 * @throws UsageError with the nearest name and all there are.
 */
export function knownName<N extends string>(kind: string, name: string, names: readonly N[]): N {
  const found = names.find(one => one === name);
  if (found !== undefined) return found;
  const near = nearestName(name, names);
  throw new UsageError(
    `there is no ${kind} "${name}".${near ? ` Did you mean "${near}"?` : ''} There are: ${names.join(', ')}.`,
  );
}
