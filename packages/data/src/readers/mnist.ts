// The IDX format: LeCun, Cortes & Burges, "The MNIST database of handwritten digits": big-endian header, then bytes.
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {gunzip} from 'node:zlib';
import {checkIndex, type Dataset} from '../dataset.js';
import {DatasetError} from '../datasetError.js';
import {readRegularFile} from '../readRegularFile.js';

export interface MnistOptions {
  /** @defaultValue 'train' */
  split?: 'train' | 'test';
}

/** The largest file that is unpacked, in bytes: twenty times MNIST's. */
const unpackedLimit = 2 ** 30;

/**
 * MNIST, or a dataset in its format (Fashion-MNIST, KMNIST): grey images with labels 0 to 9, in IDX files, packed by
 * gzip or not. The test files may be called `t10k-…`, `test-…` or `dev-…`.
 *
 * @param folder - Where `train-images-idx3-ubyte.gz` and the like lie.
 * @throws DatasetError naming the file, and the byte at which it is wrong.
 */
export async function mnist(folder: string, {split = 'train'}: MnistOptions = {}): Promise<Dataset> {
  const [imagesFile, labelsFile] = await findFiles(folder, split);
  const images = await readIdx(imagesFile, 3);
  const labels = await readIdx(labelsFile, 1);
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) {
    throw new DatasetError(labelsFile, `${labels.shape[0]} labels, but ${count} images in ${imagesFile}.`);
  }
  const wrong = labels.data.findIndex(label => label > 9);
  if (wrong >= 0) {
    throw new DatasetError(
      labelsFile,
      `byte ${8 + wrong}: expected a label from 0 to 9, got ${labels.data[wrong]}.`,
    );
  }
  const size = height * width;
  return {
    length: count,
    categories: Array.from({length: 10}, (_, digit) => String(digit)),
    async get(index) {
      checkIndex(index, count);
      const data = images.data.subarray(index * size, (index + 1) * size);
      return {
        image: {data, width, height, channels: 1},
        label: labels.data[index],
        file: `${imagesFile}#${index}`,
      };
    },
  };
}

async function findFiles(folder: string, split: 'train' | 'test'): Promise<[string, string]> {
  const names = await readdir(folder).catch(cause => {
    throw new DatasetError(folder, 'no such folder. Check the path.', {cause});
  });
  const prefixes = split === 'train' ? ['train'] : ['t10k', 'test', 'dev'];
  for (const prefix of prefixes) {
    const find = (what: string) =>
      names.find(name => new RegExp(`^${prefix}-${what}-ubyte(\\.gz)?$`).test(name));
    const [images, labels] = [find('images[-.]idx3'), find('labels[-.]idx1')];
    if (images && labels) return [join(folder, images), join(folder, labels)];
  }
  const expected = `${prefixes[0]}-images-idx3-ubyte and ${prefixes[0]}-labels-idx1-ubyte, with or without .gz`;
  throw new DatasetError(
    folder,
    `expected ${expected}. It holds ${names.slice(0, 6).join(', ') || 'nothing'}.`,
  );
}

async function readIdx(file: string, rank: number): Promise<{shape: number[]; data: Uint8Array}> {
  const bytes = await readUnpacked(file);
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw new DatasetError(
      file,
      `expected a header of ${header} bytes, got ${bytes.length}: it is cut short.`,
    );
  const magic = 0x800 + rank; // 08: unsigned bytes
  if (bytes.readUInt32BE() !== magic) {
    throw new DatasetError(
      file,
      `byte 0: expected the magic number ${magic} of an IDX file, got ${bytes.readUInt32BE()}.`,
    );
  }
  const shape = Array.from({length: rank}, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const expected = header + shape.reduce((product, size) => product * size, 1);
  if (shape.includes(0) || expected !== bytes.length) {
    throw new DatasetError(
      file,
      `byte 4: a shape of [${shape}] needs ${expected} bytes, got ${bytes.length}.`,
    );
  }
  return {shape, data: bytes.subarray(header)};
}

async function readUnpacked(file: string): Promise<Buffer> {
  try {
    const bytes = await readRegularFile(file);
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return packed ? await promisify(gunzip)(bytes, {maxOutputLength: unpackedLimit}) : bytes;
  } catch (cause) {
    const {code, message} = cause as NodeJS.ErrnoException;
    const large = code === 'ERR_BUFFER_TOO_LARGE';
    const packed = code?.startsWith('Z_') ? `damaged or cut short (gzip: ${message}).` : message;
    throw new DatasetError(file, large ? `unpacks to more than ${unpackedLimit} bytes.` : packed, {cause});
  }
}
