/** How a state dict differs from what a module expects. */
export interface StateDiff {
  /** Names that the module has and the dict has not. */
  missing: string[];
  /** Names that the dict has and the module has not. */
  unexpected: string[];
  /** Names in both whose shapes differ. */
  misshapen: {name: string; expected: number[]; got: number[]}[];
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Compares the names and shapes of a module with those of a dict. */
export function diffState(expected: Shapes, got: Shapes): StateDiff {
  const misshapen = [...expected].flatMap(([name, shape]) => {
    const other = got.get(name);
    return other && String(other) !== String(shape) ? [{name, expected: [...shape], got: [...other]}] : [];
  });
  return {
    missing: [...expected.keys()].filter(name => !got.has(name)),
    unexpected: [...got.keys()].filter(name => !expected.has(name)),
    misshapen,
  };
}

/** The difference in words, every name on a line of its own and what to do at the end; empty if there is none. */
export function describeDiff({missing, unexpected, misshapen}: StateDiff): string {
  const list = (title: string, lines: string[]) =>
    lines.length ? [`  ${title} (${lines.length}):`, ...lines.map(line => `    ${line}`)] : [];
  return [
    ...list('missing', missing),
    ...list('unexpected', unexpected),
    ...list(
      'of another shape',
      misshapen.map(({name, expected, got}) => `${name}: expected [${expected}], got [${got}]`),
    ),
    ...hints({missing, unexpected, misshapen}).map(hint => `  ${hint}`),
  ].join('\n');
}

function hints({missing, unexpected, misshapen}: StateDiff): string[] {
  const found: string[] = [];
  const prefix = commonPrefix(missing, unexpected);
  if (prefix) found.push(`Every name of the dict starts with "${prefix}": cut it off before loading.`);
  if (
    misshapen.some(
      ({expected, got}) =>
        expected.length === 4 && String([2, 3, 1, 0].map(i => got[i])) === String(expected),
    )
  ) {
    found.push(
      'Filters look like PyTorch’s [out, in, height, width]: transpose them by (2, 3, 1, 0), as loadWeights does.',
    );
  } else if (misshapen.length && !missing.length && !unexpected.length) {
    found.push(
      'Only shapes differ: build the model with the options of the dict (such as its number of classes).',
    );
  }
  if (missing.length + unexpected.length + misshapen.length > 0) {
    found.push('Pass {strict: false} to load what fits and leave the rest as it is.');
  }
  return found;
}

/** The prefix with which unexpected names become the missing ones, if there is one for all. */
function commonPrefix(missing: string[], unexpected: string[]): string | undefined {
  if (!missing.length || !unexpected.length) return undefined;
  const owner = unexpected.find(name => name.endsWith(`.${missing[0]}`));
  const prefix = owner?.slice(0, owner.length - missing[0].length);
  return prefix && unexpected.every(name => name.startsWith(prefix)) ? prefix : undefined;
}
