import {dirname, extname, resolve} from 'node:path';
import type {Info} from 'csv-parse/sync';
import {ProblemList, type ProblemOptions} from '../annotations/problems.js';
import {checkIndex, type Dataset} from '../dataset.js';
import {DatasetError} from '../datasetError.js';
import type {DecodeOptions} from '../decodeImage.js';
import {decodeHere} from '../decoder.js';
import {imageExtensions} from '../imageFormat.js';
import {existingFiles} from './existingFiles.js';
import {categoryNames, readText} from './nameList.js';

export interface TableOptions extends DecodeOptions, ProblemOptions {
  /** The folder that file names start from. @defaultValue the table's own folder */
  images?: string;
  /** The heading of the column of files. @defaultValue the first column */
  fileColumn?: string;
  /** The heading of the column of classes. @defaultValue the second column */
  classColumn?: string;
  /** Whether the first line is a heading. @defaultValue it is one unless it names an image */
  header?: boolean;
  /**
   * Names in the order of their labels, or a text file of them. If no class in the table is one of them and all are
   * whole numbers, those are labels. @defaultValue the classes in the table, in order
   */
  categories?: string | readonly string[];
}

/**
 * Classified images in a table: a file and a class on each line, with commas, or with tabs if its name ends in `.tsv`
 * or `.txt`. Fields may be quoted.
 *
 * @throws DatasetError if the table cannot be read; AnnotationError listing every bad line by its number.
 */
export async function table(
  file: string,
  {
    images = dirname(file),
    fileColumn,
    classColumn,
    header,
    categories: given,
    fix = false,
    collect,
    ...decoding
  }: TableOptions = {},
): Promise<Dataset> {
  const problems = new ProblemList({fix, ...(collect && {collect})});
  const rows = await readRows(file);
  const first = rows[0].fields;
  const named = fileColumn !== undefined || classColumn !== undefined;
  const hasHeader = header ?? (named || !first.some(field => imageExtensions.test(field)));
  const [fileAt, classAt] = [column(fileColumn, 0), column(classColumn, 1)];
  const exists = await existingFiles(rows.map(({fields}) => resolve(images, fields[fileAt] ?? '')));

  const entries: {path: string; name: string; line: number}[] = [];
  const lines = new Map<string, number>();
  for (const {fields, line} of hasHeader ? rows.slice(1) : rows) {
    const place = `line ${line}`;
    const [name, label] = [fields[fileAt], fields[classAt]];
    if (fields.length !== first.length) {
      problems.add(file, place, `expected ${first.length} columns, got ${fields.length}.`, 'left out');
      continue;
    }
    if (!name || !label) {
      problems.add(file, place, `the ${name ? 'class' : 'file'} is empty.`, 'left out');
      continue;
    }
    const path = resolve(images, name);
    const before = lines.get(path);
    if (before !== undefined) problems.add(file, place, `${name} is on line ${before}, too.`, 'left out');
    else if (!exists(path)) problems.add(file, place, `no file ${path}.`, 'left out');
    else entries.push({path, name: label, line});
    lines.set(path, before ?? line);
  }
  const categories = given === undefined ? classesOf(entries) : await categoryNames(given);
  const labelOf = labeller(categories, entries, given !== undefined);
  const samples = entries.flatMap(({path, name, line}) => {
    const label = labelOf(name);
    if (label !== undefined) return [{path, label}];
    problems.add(
      file,
      `line ${line}`,
      `"${name}" is none of the ${categories.length} categories.`,
      'left out',
    );
    return [];
  });
  problems.settle(file);
  if (samples.length === 0) throw new DatasetError(file, 'no image in it.');
  return {
    length: samples.length,
    categories,
    async get(index, decoder = decodeHere) {
      checkIndex(index, samples.length);
      const {path, label} = samples[index];
      return {image: await decoder.unseen(path, decoding), label, file: path};
    },
  };

  function column(name: string | undefined, otherwise: number): number {
    const at = name === undefined ? otherwise : first.indexOf(name);
    if (at >= 0 && at < first.length) return at;
    throw new DatasetError(
      file,
      name === undefined
        ? `line 1: expected a column of files and one of classes, got ${first.length}. Is it parted by commas (.csv) or tabs (.tsv)?`
        : `line 1: no column "${name}" among ${first.join(', ')}.`,
    );
  }
}

interface Row {
  fields: string[];
  line: number;
}

async function readRows(file: string): Promise<Row[]> {
  const text = await readText(file);
  // Loaded when it is needed: programs that read no table start 15 ms sooner.
  const {CsvError, parse} = await import('csv-parse/sync');
  const tabs = ['.tsv', '.txt'].includes(extname(file).toLowerCase());
  try {
    // With `info`, each record comes with the number of the line that it ends on.
    const records: unknown[] = parse(text, {
      delimiter: tabs ? '\t' : ',',
      info: true,
      relaxColumnCount: true,
      skipEmptyLines: true,
      trim: true,
    });
    const rows = (records as {record: string[]; info: Info}[]).map(({record, info}) => ({
      fields: record,
      line: info.lines,
    }));
    if (rows.length > 0) return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new DatasetError(file, error.message, {cause: error});
  }
  throw new DatasetError(file, 'is empty; expected a file and a class on each line.');
}

/** In order of their characters' codes; numbers in order of their values. */
function classesOf(entries: readonly {name: string}[]): string[] {
  const names = [...new Set(entries.map(({name}) => name))].sort();
  return names.every(isWhole) ? names.sort((a, b) => Number(a) - Number(b)) : names;
}

function labeller(
  categories: readonly string[],
  entries: readonly {name: string}[],
  given: boolean,
): (name: string) => number | undefined {
  const labels = new Map(categories.map((name, label) => [name, label]));
  const areLabels = given && entries.every(({name}) => isWhole(name) && !labels.has(name));
  if (!areLabels) return name => labels.get(name);
  return name => (Number(name) < categories.length ? Number(name) : undefined);
}

const isWhole = (text: string) => /^\d+$/.test(text);
