import {DatasetError} from '../datasetError.js';
import {readRegularFile} from '../readRegularFile.js';

/** A line of a text file that is not empty. */
export interface ListedName {
  name: string;
  /** From 1. */
  line: number;
}

/**
 * The lines of a text file, without empty ones and the space around them.
 *
 * @throws DatasetError if the file cannot be read, or holds nothing.
 */
export async function readLines(file: string): Promise<ListedName[]> {
  const text = await readText(file);
  const lines = text
    .split('\n')
    .map((line, i) => ({name: line.trim(), line: i + 1}))
    .filter(({name}) => name !== '');
  if (lines.length === 0) throw new DatasetError(file, 'is empty; expected one name on each line.');
  return lines;
}

/**
 * The names of categories: a list as it is, or a text file with one name on each line.
 *
 * @throws DatasetError if the file cannot be read or has a name twice; RangeError if the list has.
 */
export async function categoryNames(names: string | readonly string[]): Promise<readonly string[]> {
  if (typeof names !== 'string') {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new RangeError(`categories: "${twice}" is there twice.`);
    return names;
  }
  const lines = await readLines(names);
  const seen = new Map<string, number>();
  for (const {name, line} of lines) {
    const first = seen.get(name);
    if (first !== undefined)
      throw new DatasetError(names, `line ${line}: "${name}" is on line ${first}, too.`);
    seen.set(name, line);
  }
  return lines.map(({name}) => name);
}

/** A text file in UTF-8; a byte-order mark is dropped. */
export async function readText(file: string): Promise<string> {
  const bytes = await readRegularFile(file).catch((cause: Error) => {
    throw new DatasetError(file, cause.message, {cause});
  });
  return new TextDecoder().decode(bytes);
}
