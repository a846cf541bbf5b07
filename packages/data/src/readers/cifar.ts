// Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; the binary version of CIFAR-10 and -100.
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {checkIndex, type Dataset} from '../dataset.js';
import {DatasetError} from '../datasetError.js';
import {readRegularFile} from '../readRegularFile.js';

export interface CifarOptions {
  /** @defaultValue 'train' */
  split?: 'train' | 'test';
}

export interface Cifar100Options extends CifarOptions {
  /** The 100 classes, or the 20 groups of them. @defaultValue 'fine' */
  labels?: 'fine' | 'coarse';
}

/**
 * CIFAR-10, 32 × 32 in colour, from its binary version: those of `data_batch_1.bin` to `data_batch_5.bin` that are
 * there, or `test_batch.bin`, with the names in `batches.meta.txt`.
 *
 * @throws DatasetError naming the file, and the byte at which it is wrong.
 */
export async function cifar10(folder: string, {split = 'train'}: CifarOptions = {}): Promise<Dataset> {
  const pattern = split === 'train' ? /^data_batch_\d+\.bin$/ : /^test_batch\.bin$/;
  const expected = split === 'train' ? 'data_batch_1.bin' : 'test_batch.bin';
  const categories = await readNames(join(folder, 'batches.meta.txt'), 10);
  return readRecords(await findBatches(folder, pattern, expected), categories, {labelBytes: 1, labelAt: 0});
}

/** CIFAR-100 likewise: `train.bin` or `test.bin`, and the names in `fine_label_names.txt` or `coarse_label_names.txt`. */
export async function cifar100(
  folder: string,
  {split = 'train', labels = 'fine'}: Cifar100Options = {},
): Promise<Dataset> {
  const categories = await readNames(join(folder, `${labels}_label_names.txt`), labels === 'fine' ? 100 : 20);
  const name = `${split}.bin`;
  const files = await findBatches(folder, new RegExp(`^${split}\\.bin$`), name);
  return readRecords(files, categories, {labelBytes: 2, labelAt: labels === 'fine' ? 1 : 0});
}

const side = 32;
const plane = side * side;

async function readRecords(
  files: string[],
  categories: string[],
  {labelBytes, labelAt}: {labelBytes: number; labelAt: number},
): Promise<Dataset> {
  const recordSize = labelBytes + 3 * plane;
  const batches: {file: string; bytes: Buffer; first: number}[] = [];
  let length = 0;
  for (const file of files) {
    const bytes = await readFile(file);
    checkRecords(file, bytes, recordSize, labelAt, categories.length);
    batches.push({file, bytes, first: length});
    length += bytes.length / recordSize;
  }
  return {
    length,
    categories,
    async get(index) {
      checkIndex(index, length);
      const {file, bytes, first} = batches.findLast(batch => batch.first <= index)!;
      const record = index - first;
      const start = record * recordSize;
      const data = interleave(bytes.subarray(start + labelBytes, start + recordSize));
      const image = {data, width: side, height: side, channels: 3} as const;
      return {image, label: bytes[start + labelAt], file: `${file}#${record}`};
    },
  };
}

function checkRecords(
  file: string,
  bytes: Buffer,
  recordSize: number,
  labelAt: number,
  classes: number,
): void {
  if (bytes.length === 0 || bytes.length % recordSize !== 0) {
    const rest = bytes.length % recordSize;
    throw new DatasetError(
      file,
      `${bytes.length} bytes are no whole number of records of ${recordSize}: ` +
        `${rest} are left over at byte ${bytes.length - rest}. It is cut short, or not the binary version.`,
    );
  }
  for (let at = labelAt; at < bytes.length; at += recordSize) {
    if (bytes[at] < classes) continue;
    throw new DatasetError(file, `byte ${at}: expected a label from 0 to ${classes - 1}, got ${bytes[at]}.`);
  }
}

// A plane for each colour becomes a colour for each pixel.
function interleave(planes: Uint8Array): Uint8Array {
  const data = new Uint8Array(3 * plane);
  for (let p = 0; p < plane; p++) {
    data[3 * p] = planes[p];
    data[3 * p + 1] = planes[plane + p];
    data[3 * p + 2] = planes[2 * plane + p];
  }
  return data;
}

async function findBatches(folder: string, pattern: RegExp, expected: string): Promise<string[]> {
  const names = await readdir(folder).catch(cause => {
    throw new DatasetError(folder, 'no such folder. Check the path.', {cause});
  });
  const found = names.filter(name => pattern.test(name)).sort();
  if (found.length === 0) {
    const held = names.slice(0, 6).join(', ') || 'nothing';
    throw new DatasetError(folder, `expected ${expected} of the binary version. It holds ${held}.`);
  }
  return found.map(name => join(folder, name));
}

async function readNames(file: string, count: number): Promise<string[]> {
  const text = (await readFile(file)).toString('utf8');
  const names = text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
  if (names.length !== count)
    throw new DatasetError(file, `expected ${count} names, one a line, got ${names.length}.`);
  return names;
}

const readFile = (file: string) =>
  readRegularFile(file).catch(cause => {
    throw new DatasetError(file, (cause as Error).message, {cause});
  });
