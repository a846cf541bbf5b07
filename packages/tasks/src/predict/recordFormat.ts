import {extname} from 'node:path';
import type {Classification, ScoredCategory} from '../classification/classifier.js';

/** What is written about one file; what more it holds depends on the kind of task. */
export interface FileRecord {
  file: string;
}

/** What a classifier's results hold. */
export interface PredictionRecord extends FileRecord, Pick<Classification, 'categories'> {}

/** How records become lines of a file, and back. */
export interface RecordFormat {
  /** The first line, if there is one. */
  heading?: string;
  /** Whether a line feed between quotes belongs to a record. */
  quotes: boolean;
  /** The record as text, with the line feed at its end. */
  line(record: FileRecord): string;
  /** The file that a record is about; undefined if the text is no record. */
  fileOf(text: string): string | undefined;
  /** Whether the text is the last line about its file, in formats with several; the others make no whole result. */
  isLast?(text: string): boolean;
}

/** Whether a file's name asks for JSON lines. */
export const isJsonLines = (path: string) => ['.jsonl', '.ndjson'].includes(extname(path).toLowerCase());

/**
 * A classifier's format, as the file's name asks for it: JSON lines for `.jsonl` and `.ndjson`, CSV for `.csv`,
 * otherwise none.
 *
 * @param top - Categories named for each file.
 */
export function recordFormat(path: string, top: number): RecordFormat | undefined {
  if (isJsonLines(path)) return jsonLines;
  return extname(path).toLowerCase() === '.csv' ? csv(top) : undefined;
}

/** A JSON object a line. */
export const jsonLines: RecordFormat = {
  quotes: false,
  line: record => `${JSON.stringify(record)}\n`,
  fileOf(text) {
    try {
      const {file} = JSON.parse(text) as {file?: unknown};
      return typeof file === 'string' ? file : undefined;
    } catch {
      return undefined;
    }
  },
};

/** As RFC 4180, with line feeds alone: `file,category,score,category_2,score_2`. */
function csv(top: number): RecordFormat {
  const places = Array.from({length: top}, (_, i) => (i === 0 ? '' : `_${i + 1}`));
  return {
    heading: `file,${places.flatMap(place => [`category${place}`, `score${place}`]).join(',')}\n`,
    quotes: true,
    line({file, categories}: PredictionRecord) {
      const named: (ScoredCategory | undefined)[] = places.map((_, i) => categories[i]);
      const fields = named.flatMap(one => [one?.category ?? '', one ? String(one.score) : '']);
      return `${[file, ...fields].map(quoted).join(',')}\n`;
    },
    fileOf(text) {
      const field = /^(?:"((?:[^"]|"")*)"|([^",\n]*)),/.exec(text);
      return field ? (field[1]?.replaceAll('""', '"') ?? field[2]) : undefined;
    },
  };
}

/** A field of a CSV. */
export const quoted = (field: string) =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
