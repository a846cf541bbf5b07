import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import {dirname, join, parse} from 'node:path';
import {lockFile} from './fileLock.js';
import type {BrokenImage} from './predict.js';
import {type FileRecord, type RecordFormat, recordFormat} from './recordFormat.js';
import {checkSource, type ResultSource, writeSource} from './resultSource.js';
import {fileKey} from './shard.js';
import {wholeRecords} from './wholeRecords.js';

export interface ResultFileOptions {
  /** Keep what is there and add what is missing. @defaultValue false */
  resume?: boolean;
  /** Replace what is there. @defaultValue false */
  overwrite?: boolean;
  /** What the results come from; kept beside them, so that no other model completes them. @defaultValue not noted */
  source?: ResultSource;
  /** Categories named for each file, in a CSV of a classifier. @defaultValue 1 */
  top?: number;
  /** How results of another kind become lines. @defaultValue a classifier's */
  format?: RecordFormat;
}

/** Milliseconds after which what was written is also on the disk. */
const syncInterval = 2000;

/**
 * A file of predictions that can be interrupted at any moment, and completed later: each file once. Beside it,
 * `<name>.failures.jsonl` lists what could not be predicted, and why; those are tried again when it is resumed.
 */
export class ResultFile {
  readonly path: string;
  /** The manifest of failures; written when there is one. */
  readonly failuresPath: string;
  readonly #format: RecordFormat;
  readonly #file: number;
  readonly #done: Set<string>;
  #failures: number | undefined;
  #synced = performance.now();

  readonly #unlock: () => void;

  private constructor(path: string, format: RecordFormat, done: Set<string>, unlock: () => void) {
    this.#unlock = unlock;
    this.path = path;
    this.failuresPath = failuresPath(path);
    this.#format = format;
    this.#done = done;
    this.#file = openSync(path, 'a');
  }

  /**
   * Opens a `.jsonl`, `.ndjson` or `.csv` file. On resuming, a line that was cut off when the process was killed is
   * taken away.
   *
   * @throws Error if the file holds something and neither `resume` nor `overwrite` is set, if it holds something else or
   * comes from another `source`, or if another process is writing to it.
   */
  static async open(
    path: string,
    {
      resume = false,
      overwrite = false,
      top = 1,
      format = recordFormat(path, top),
      source,
    }: ResultFileOptions = {},
  ): Promise<ResultFile> {
    if (!format) throw new TypeError(`${path}: results are written to .jsonl, .ndjson or .csv.`);
    const size = existsSync(path) ? statSync(path).size : 0;
    if (size > 0 && !resume && !overwrite) {
      throw new Error(
        `${path} already holds results. Pass --resume (resume: true) to complete it, or --overwrite to start anew.`,
      );
    }
    mkdirSync(dirname(path), {recursive: true});
    const unlock = lockFile(path);
    try {
      if (source && resume && size > 0) checkSource(path, source);
      const found = resume && size > 0 ? await readDone(path, format) : {done: new Set<string>(), end: 0};
      if (size > found.end) truncateSync(path, found.end);
      if (source) writeSource(path, source);
      // What failed before is tried again, and noted again if it still fails.
      if (existsSync(failuresPath(path))) truncateSync(failuresPath(path), 0);
      const file = new ResultFile(path, format, found.done, unlock);
      if (format.heading && found.end === 0) writeSync(file.#file, format.heading);
      return file;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** How many files have a result. */
  get count(): number {
    return this.#done.size;
  }

  /** Whether a file has its result, by its {@link fileKey}. */
  has(key: string): boolean {
    return this.#done.has(key);
  }

  /** Adds a result; a second one of the same file is not written. */
  write<R extends FileRecord>(record: R): void {
    const key = fileKey(record.file);
    if (this.#done.has(key)) return;
    // One call, appended: the system keeps it whole if the process is killed after it.
    writeFully(this.#file, this.#format.line(record));
    this.#done.add(key);
    if (performance.now() - this.#synced < syncInterval) return;
    fsyncSync(this.#file);
    this.#synced = performance.now();
  }

  /** Notes what could not be predicted. */
  fail(broken: BrokenImage): void {
    this.#failures ??= openSync(this.failuresPath, 'a');
    const {file, reason} = broken;
    writeFully(this.#failures, `${JSON.stringify({file, error: reason})}\n`);
  }

  close(): void {
    for (const file of [this.#file, this.#failures]) {
      if (file === undefined) continue;
      fsyncSync(file);
      closeSync(file);
    }
    this.#unlock();
  }
}

function writeFully(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

const failuresPath = (path: string) => join(dirname(path), `${parse(path).name}.failures.jsonl`);

/** The files with results, and the byte after the last whole one. */
async function readDone(path: string, format: RecordFormat): Promise<{done: Set<string>; end: number}> {
  const done = new Set<string>();
  let end = 0;
  let line = 0;
  for await (const record of wholeRecords(path, format)) {
    line++;
    if (line === 1 && format.heading) {
      end = record.end;
      if (`${record.text}\n` === format.heading) continue;
      throw new Error(
        `${path}: its first line is "${record.text.slice(0, 80)}", expected "${format.heading.trim()}". ` +
          'Resume with the options it was begun with.',
      );
    }
    const file = format.fileOf(record.text);
    if (file === undefined) {
      throw new Error(
        `${path}: record ${line} is no result: "${record.text.slice(0, 80)}". Use another file.`,
      );
    }
    if (format.isLast && !format.isLast(record.text)) continue;
    end = record.end;
    done.add(fileKey(file));
  }
  return {done, end};
}
