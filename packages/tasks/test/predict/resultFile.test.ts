import {appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {recordFormat} from '../../src/predict/recordFormat.js';
import {remaining} from '../../src/predict/remaining.js';
import {ResultFile} from '../../src/predict/resultFile.js';
import {fileKey, isInShard, shardFrom, shardPath} from '../../src/predict/shard.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

const record = (file: string) => ({file, categories: [{category: 'a "quoted", cat', score: 0.25}]});
// Names as file systems allow them: quotes, commas, line feeds, other scripts.
const names = ['plain.png', 'a,b.png', '"x".png', 'zwei\nZeilen.png', 'Größe 画像.png', ' space .png'];

for (const extension of ['jsonl', 'csv']) {
  test(`wherever a ${extension} file was cut off, it is completed with each image once`, async t => {
    const folder = temporaryFolder(t);
    const path = join(folder, `results.${extension}`);
    const write = async (list: readonly string[], resume: boolean) => {
      const file = await ResultFile.open(path, {resume});
      for (const name of list) if (!file.has(fileKey(name))) file.write(record(name));
      file.close();
    };
    await write(names, false);
    const whole = readFileSync(path);
    for (let cut = 0; cut < whole.length; cut += 3) {
      writeFileSync(path, whole.subarray(0, cut));
      await write(names, true);
      t.deepEqual(readFileSync(path), whole, `cut at ${cut}`);
    }
  });

  test(`a ${extension} record tells its file`, t => {
    const format = recordFormat(`x.${extension}`, 1);
    for (const name of names) t.is(format?.fileOf(format.line(record(name))), name);
    t.is(format?.fileOf('nonsense'), undefined);
  });
}

test('a second result of a file is not written', async t => {
  const path = join(temporaryFolder(t), 'results.jsonl');
  const file = await ResultFile.open(path);
  file.write(record('a'));
  file.write(record('a'));
  file.close();
  t.is(readFileSync(path, 'utf8').split('\n').length, 2);
});

test('a file with results is neither lost nor mixed up', async t => {
  const path = join(temporaryFolder(t), 'results.csv');
  (await ResultFile.open(path, {top: 2})).close();
  await t.throwsAsync(ResultFile.open(path), {message: /already holds results.*--resume/});
  await t.throwsAsync(ResultFile.open(path, {resume: true}), {
    message: /its first line is "file,category,score,cat/,
  });
  (await ResultFile.open(path, {overwrite: true})).close();
  const other = join(temporaryFolder(t), 'notes.jsonl');
  writeFileSync(other, 'my diary\n');
  await t.throwsAsync(ResultFile.open(other, {resume: true}), {message: /record 1 is no result: "my diary"/});
  t.is(readFileSync(other, 'utf8'), 'my diary\n');
});

test('what failed is listed, and tried again when resumed', async t => {
  const path = join(temporaryFolder(t), 'results.jsonl');
  const first = await ResultFile.open(path);
  t.false(existsSync(first.failuresPath));
  first.write(record('a'));
  first.fail({file: 'b', reason: 'it is torn.'});
  first.close();
  t.deepEqual(JSON.parse(readFileSync(first.failuresPath, 'utf8')), {file: 'b', error: 'it is torn.'});
  const second = await ResultFile.open(path, {resume: true});
  t.false(second.has(fileKey('b')));
  t.is(readFileSync(first.failuresPath, 'utf8'), '');
  second.close();
});

test('a large file is read back in pieces, and its torn end is cut', async t => {
  const path = join(temporaryFolder(t), 'results.jsonl');
  const many = Array.from({length: 5000}, (_, i) => `folder/image ${i}.png`);
  writeFileSync(path, many.map(name => `${JSON.stringify(record(name))}\n`).join(''));
  appendFileSync(path, '{"file":"torn');
  const file = await ResultFile.open(path, {resume: true});
  t.is(file.count, 5000);
  file.close();
  t.true(readFileSync(path, 'utf8').endsWith('}\n'));
  truncateSync(path, 0);
});

test('each file belongs to one process, and about as many to each', async t => {
  const files = Array.from({length: 4000}, (_, i) => `${i}.png`);
  const shares: string[][] = [];
  for (let rank = 0; rank < 4; rank++) {
    const share: string[] = [];
    for await (const file of remaining([...files, ...files], {shard: {rank, world: 4}})) share.push(file);
    shares.push(share);
    t.true(Math.abs(share.length - 1000) < 150, String(share.length));
  }
  t.deepEqual(shares.flat().sort(), files.sort());
  t.true(isInShard(fileKey('x'), {rank: 0, world: 1}));
});

test('RANK and WORLD_SIZE are read, and refused if they do not fit', t => {
  t.is(shardFrom({}), undefined);
  t.is(shardFrom({RANK: '0', WORLD_SIZE: '1'}), undefined);
  t.deepEqual(shardFrom({RANK: '3', WORLD_SIZE: '8'}), {rank: 3, world: 8});
  for (const RANK of ['8', '-1', 'x', ''])
    t.throws(() => shardFrom({RANK, WORLD_SIZE: '8'}), {message: /RANK must be/});
  t.throws(() => shardFrom({WORLD_SIZE: '8'}));
  t.is(shardPath('out/results.jsonl', {rank: 3, world: 8}), join('out', 'results.3-of-8.jsonl'));
});

test('two at once do not write to one file; the lock of a process that died is taken over', async t => {
  const path = join(temporaryFolder(t), 'results.jsonl');
  const file = await ResultFile.open(path);
  await t.throwsAsync(ResultFile.open(path, {resume: true}), {message: /is writing to it/});
  file.close();
  t.false(existsSync(`${path}.lock`));
  // No process has this number: it is above what the system gives.
  const dead = {pid: 2 ** 22 + 1, host: hostname(), started: null, token: 'x'};
  writeFileSync(`${path}.lock`, JSON.stringify(dead));
  (await ResultFile.open(path, {resume: true})).close();
});
