import {createHash} from 'node:crypto';
import {createReadStream, existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {dirname, join, parse} from 'node:path';
import {pipeline} from 'node:stream/promises';

/** What results come from: the same source predicts the same. */
export interface ResultSource {
  /** The files of the weights, with their SHA-256. */
  weights: readonly {file: string; sha256: string}[];
  /** The model's name, where the weights do not tell, and options that change what it says. */
  options: Readonly<Record<string, unknown>>;
}

/** @param files - The weights that predict. @param options - Of the prediction; undefined ones do not count. */
export async function resultSource(
  files: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ResultSource> {
  const weights = [];
  for (const file of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    weights.push({file, sha256: hash.digest('hex')});
  }
  return {weights, options: JSON.parse(JSON.stringify(options)) as ResultSource['options']};
}

/** Where the source of a file of results is kept: `results.jsonl` has `results.source.json` beside it. */
export const sourcePath = (path: string) => join(dirname(path), `${parse(path).name}.source.json`);

/** Notes what results come from, atomically. */
export function writeSource(path: string, source: ResultSource): void {
  const file = sourcePath(path);
  writeFileSync(`${file}.tmp`, `${JSON.stringify(source, null, 2)}\n`);
  renameSync(`${file}.tmp`, file);
}

/**
 * Makes sure that results which are to be completed come from the same source. Results without a note are taken.
 *
 * @throws Error that tells what differs.
 */
export function checkSource(path: string, source: ResultSource): void {
  const file = sourcePath(path);
  if (!existsSync(file)) return;
  const before = readSource(file);
  const problems: string[] = [];
  const short = ({weights}: ResultSource) =>
    weights.map(one => `${one.file} (SHA-256 ${one.sha256.slice(0, 8)}…)`).join(' and ') || 'none';
  const hashes = ({weights}: ResultSource) => weights.map(({sha256}) => sha256).join();
  if (hashes(before) !== hashes(source))
    problems.push(`weights: ${short(before)} then, ${short(source)} now`);
  for (const name of new Set([...Object.keys(before.options), ...Object.keys(source.options)])) {
    const [then, now] = [before, source].map(({options}) => JSON.stringify(options[name]) ?? 'not set');
    if (then !== now) problems.push(`${name}: ${then} then, ${now} now`);
  }
  if (problems.length) {
    throw new Error(
      `${path} was begun with another model or other options:\n  ${problems.join('\n  ')}\n` +
        'Resume it with those, replace it (--overwrite, overwrite: true), or write to another file.',
    );
  }
}

function readSource(file: string): ResultSource {
  try {
    const {weights, options} = JSON.parse(readFileSync(file, 'utf8')) as ResultSource;
    if (Array.isArray(weights) && typeof options === 'object' && options !== null) return {weights, options};
  } catch {
    // It is damaged, as below.
  }
  throw new Error(
    `${file} does not tell what the results beside it come from. Remove it if you know that they are of this model.`,
  );
}
