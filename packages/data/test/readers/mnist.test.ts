import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {DatasetError} from '../../src/datasetError.js';
import {mnist} from '../../src/readers/mnist.js';
import {temporaryFolder} from '../support.js';

/** An IDX file of bytes. */
function idx(shape: number[], data: number[], magic = 0x800 + shape.length): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(magic);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, Buffer.from(data)]);
}

const pixels = Array.from({length: 12}, (_, i) => i * 20);
const images = idx([2, 2, 3], pixels);
const labels = idx([2], [7, 0]);

async function folderOf(t: ExecutionContext, files: Record<string, Uint8Array>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

const names: [string, 'train' | 'test', string, string, (bytes: Buffer) => Buffer][] = [
  ['plain', 'train', 'train-images-idx3-ubyte', 'train-labels-idx1-ubyte', bytes => bytes],
  ['gzip', 'train', 'train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', bytes => gzipSync(bytes)],
  [
    'gzip under a plain name',
    'train',
    'train-images-idx3-ubyte',
    'train-labels-idx1-ubyte',
    bytes => gzipSync(bytes),
  ],
  ['with dots in the names', 'train', 'train-images.idx3-ubyte', 'train-labels.idx1-ubyte', bytes => bytes],
  ['t10k', 'test', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte', bytes => bytes],
  ['dev', 'test', 'dev-images-idx3-ubyte', 'dev-labels-idx1-ubyte.gz', bytes => bytes],
];

for (const [title, split, imagesName, labelsName, pack] of names) {
  test(`digits are read: ${title}`, async t => {
    const folder = await folderOf(t, {[imagesName]: pack(images), [labelsName]: pack(labels)});
    const dataset = await mnist(folder, {split});
    t.is(dataset.length, 2);
    t.deepEqual(dataset.categories, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    const {image, label, file} = await dataset.get(1);
    t.deepEqual({...image, data: [...image.data]}, {data: pixels.slice(6), width: 3, height: 2, channels: 1});
    t.deepEqual([label, file], [0, `${join(folder, imagesName)}#1`]);
    t.is((await dataset.get(0)).label, 7);
    await t.throwsAsync(dataset.get(2), {instanceOf: RangeError});
  });
}

const imagesName = 'train-images-idx3-ubyte';
const labelsName = 'train-labels-idx1-ubyte';
const faults: [string, Record<string, Uint8Array>, RegExp][] = [
  [
    'no files',
    {'readme.txt': labels},
    /expected train-images-idx3-ubyte and train-labels-idx1-ubyte, with or without \.gz\. It holds readme\.txt/,
  ],
  ['no labels', {[imagesName]: images}, /expected train-images-idx3-ubyte and/],
  [
    'another magic number',
    {[imagesName]: idx([2, 2, 3], pixels, 0xd03), [labelsName]: labels},
    /images-idx3-ubyte: byte 0: expected the magic number 2051 of an IDX file, got 3331/,
  ],
  [
    'images cut short',
    {[imagesName]: images.subarray(0, 20), [labelsName]: labels},
    /images-idx3-ubyte: byte 4: a shape of \[2,2,3\] needs 28 bytes, got 20/,
  ],
  [
    'a header cut short',
    {[imagesName]: images.subarray(0, 9), [labelsName]: labels},
    /expected a header of 16 bytes, got 9/,
  ],
  [
    'an empty file',
    {[imagesName]: new Uint8Array(), [labelsName]: labels},
    /expected a header of 16 bytes, got 0/,
  ],
  [
    'a shape beyond all memory',
    {[imagesName]: idx([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], pixels), [labelsName]: labels},
    /needs 7\.9.*e\+28 bytes, got 28/,
  ],
  ['images of no pixels', {[imagesName]: idx([2, 0, 3], []), [labelsName]: labels}, /a shape of \[2,0,3\]/],
  [
    'fewer labels than images',
    {[imagesName]: images, [labelsName]: idx([1], [7])},
    /labels-idx1-ubyte: 1 labels, but 2 images/,
  ],
  [
    'a label of 10',
    {[imagesName]: images, [labelsName]: idx([2], [7, 10])},
    /labels-idx1-ubyte: byte 9: expected a label from 0 to 9, got 10/,
  ],
  [
    'damaged gzip',
    {[imagesName]: gzipSync(images).fill(0, 12, 20), [labelsName]: labels},
    /images-idx3-ubyte: damaged or cut short \(gzip/,
  ],
  [
    'gzip cut short',
    {[imagesName]: gzipSync(images).subarray(0, 25), [labelsName]: labels},
    /damaged or cut short \(gzip/,
  ],
];

for (const [title, files, message] of faults) {
  test(`a folder is refused for ${title}`, async t => {
    await t.throwsAsync(mnist(await folderOf(t, files)), {instanceOf: DatasetError, message});
  });
}

test('a folder that is missing is named', async t => {
  await t.throwsAsync(mnist('/no/such/folder'), {
    instanceOf: DatasetError,
    message: /^\/no\/such\/folder: no such folder/,
  });
});
