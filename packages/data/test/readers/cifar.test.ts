import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {DatasetError} from '../../src/datasetError.js';
import {cifar10, cifar100} from '../../src/readers/cifar.js';
import {temporaryFolder} from '../support.js';

const names = Array.from({length: 10}, (_, i) => `name ${i}`);

/** Records with these labels; byte p of plane c of the image is `label + 50c + p`. */
const records = (...labels: number[][]) =>
  Buffer.concat(
    labels.map(label => {
      const planes = Buffer.alloc(3072, 0).map((_, i) => label[0] + 50 * Math.floor(i / 1024) + (i % 1024));
      return Buffer.concat([Buffer.from(label), planes]);
    }),
  );

async function folderOf(t: ExecutionContext, files: Record<string, Uint8Array | string>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

const meta = `${names.join('\n')}\n\n`;

test('the batches that are there are read one after another, planes become pixels', async t => {
  const folder = await folderOf(t, {
    'batches.meta.txt': meta,
    'data_batch_1.bin': records([3], [4]),
    'data_batch_3.bin': records([5]),
    'test_batch.bin': records([9]),
  });
  const train = await cifar10(folder);
  t.deepEqual([train.length, train.categories], [3, names]);
  const labels = await Promise.all([0, 1, 2].map(async i => (await train.get(i)).label));
  t.deepEqual(labels, [3, 4, 5]);
  const {image, file} = await train.get(1);
  t.is(file, `${join(folder, 'data_batch_1.bin')}#1`);
  t.is((await train.get(2)).file, `${join(folder, 'data_batch_3.bin')}#0`);
  t.deepEqual([image.width, image.height, image.channels, image.data.length], [32, 32, 3, 3072]);
  for (const [x, y, c] of [
    [0, 0, 0],
    [31, 0, 2],
    [7, 3, 1],
  ]) {
    t.is(image.data[(y * 32 + x) * 3 + c], (4 + 50 * c + y * 32 + x) % 256);
  }
  t.is((await cifar10(folder, {split: 'test'})).length, 1);
  await t.throwsAsync(train.get(3), {instanceOf: RangeError});
});

test('CIFAR-100 has fine and coarse labels', async t => {
  const folder = await folderOf(t, {
    'fine_label_names.txt': Array.from({length: 100}, (_, i) => `fine ${i}`).join('\n'),
    'coarse_label_names.txt': Array.from({length: 20}, (_, i) => `coarse ${i}`).join('\n'),
    'train.bin': records([19, 99]),
    'test.bin': records([1, 2], [3, 4]),
  });
  const fine = await cifar100(folder);
  t.deepEqual([fine.categories.length, (await fine.get(0)).label], [100, 99]);
  t.is((await fine.get(0)).image.data[1], 69, 'the image begins after both labels');
  const coarse = await cifar100(folder, {split: 'test', labels: 'coarse'});
  t.deepEqual([coarse.categories.length, coarse.length, (await coarse.get(1)).label], [20, 2, 3]);
});

const faults: [string, Record<string, Uint8Array | string>, RegExp][] = [
  [
    'no batches',
    {'batches.meta.txt': meta},
    /expected data_batch_1\.bin of the binary version\. It holds batches\.meta\.txt/,
  ],
  ['no names', {'data_batch_1.bin': records([1])}, /batches\.meta\.txt: no such file/],
  [
    'too few names',
    {'batches.meta.txt': 'cat\ndog\n', 'data_batch_1.bin': records([1])},
    /batches\.meta\.txt: expected 10 names, one a line, got 2/,
  ],
  [
    'a batch cut short',
    {'batches.meta.txt': meta, 'data_batch_1.bin': records([1], [2]).subarray(0, 4000)},
    /data_batch_1\.bin: 4000 bytes are no whole number of records of 3073: 927 are left over at byte 3073/,
  ],
  ['an empty batch', {'batches.meta.txt': meta, 'data_batch_1.bin': ''}, /data_batch_1\.bin: 0 bytes/],
  [
    'a label of 10',
    {'batches.meta.txt': meta, 'data_batch_1.bin': records([1], [10])},
    /data_batch_1\.bin: byte 3073: expected a label from 0 to 9, got 10/,
  ],
];

for (const [title, files, message] of faults) {
  test(`a folder is refused for ${title}`, async t => {
    await t.throwsAsync(cifar10(await folderOf(t, files)), {instanceOf: DatasetError, message});
  });
}

test('a folder that is missing is named', async t => {
  await t.throwsAsync(cifar10('/no/such/folder'), {instanceOf: DatasetError, message: /no such/});
});
