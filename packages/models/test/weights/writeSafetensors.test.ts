import {execFileSync} from 'node:child_process';
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {readSafetensors} from '../../src/weights/readSafetensors.js';
import type {WeightsFile} from '../../src/weights/weightsFile.js';
import {writeFileAtomically} from '../../src/weights/writeFileAtomically.js';
import {writeSafetensors} from '../../src/weights/writeSafetensors.js';
import {refuses, temporaryFolder} from './support.js';

const tensors: WeightsFile['tensors'] = new Map([
  ['flags', {dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1)}],
  ['weight', {dtype: 'float32', shape: [1, 2], data: Float32Array.of(0.1, -2)}],
  ['steps', {dtype: 'int64', shape: [], data: Float64Array.of(2 ** 40)}],
  ['labels', {dtype: 'int32', shape: [2], data: Int32Array.of(-1, 5)}],
  ['empty', {dtype: 'float32', shape: [0], data: new Float32Array()}],
]);

test('what is written is read back, bit by bit', async t => {
  const path = join(await temporaryFolder(t), 'größe 重み.safetensors');
  await writeSafetensors(path, tensors, {model: 'resnet20', note: '"quoted" ü'});
  const back = await readSafetensors(path);
  t.deepEqual(back.metadata, {model: 'resnet20', note: '"quoted" ü'});
  t.deepEqual(Object.fromEntries(back.tensors), Object.fromEntries(tensors));
});

test('tensors are aligned: the data begins at a multiple of 8 and wider elements come first', async t => {
  const path = join(await temporaryFolder(t), 'a.safetensors');
  await writeSafetensors(path, tensors);
  const file = await readFile(path);
  const length = Number(file.readBigUInt64LE());
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<
    string,
    {data_offsets: number[]}
  >;
  t.is(length % 8, 0);
  t.is(header['steps'].data_offsets[0] % 8, 0);
  t.is(header['weight'].data_offsets[0] % 4, 0);
});

test('tensors that contradict themselves are refused before anything is written', async t => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.safetensors');
  const write = (tensor: object) =>
    writeSafetensors(path, new Map([['x', tensor]]) as WeightsFile['tensors']);
  await refuses(
    t,
    path,
    write({dtype: 'float32', shape: [3], data: new Float32Array(2)}),
    /tensor "x": shape \[3\] needs 3 values, got 2/,
  );
  await refuses(
    t,
    path,
    write({dtype: 'int64', shape: [1], data: Float64Array.of(0.5)}),
    /0.5 is no whole number/,
  );
  t.deepEqual(await readdir(folder), []);
});

test('a folder that is missing is named', async t => {
  const path = join(await temporaryFolder(t), 'missing', 'a.safetensors');
  await refuses(t, path, writeSafetensors(path, tensors), /folder does not exist/);
});

// A limit on file sizes fails a write half-way, exactly as a full disk does.
test('when the room runs out, the old file stays and nothing is left behind', async t => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.safetensors');
  await writeSafetensors(path, tensors, {version: 'old'});
  const program = `
    import {writeSafetensors} from ${JSON.stringify(new URL('../../src/weights/writeSafetensors.ts', import.meta.url).href)};
    const big = new Map([['x', {dtype: 'float32', shape: [65536], data: new Float32Array(65536)}]]);
    writeSafetensors(${JSON.stringify(path)}, big).then(() => console.log('written'), e => console.log(e.name, e.message));
  `;
  const script = join(folder, 'write.mts');
  await writeFile(script, program);
  const node = `exec "${process.execPath}" --import=tsx --conditions=@foveal/source --no-warnings "${script}"`;
  // tsx keeps a cache of what it compiles, which the limit would cut short.
  const env = {...process.env, TSX_DISABLE_CACHE: '1'};
  const output = execFileSync('sh', ['-c', `ulimit -f 64; ${node}`], {encoding: 'utf8', env});
  t.regex(output, /^WeightsFileError .*a\.safetensors: no room to write it \(EFBIG\)/);
  t.deepEqual((await readdir(folder)).sort(), ['a.safetensors', 'write.mts']);
  t.deepEqual((await readSafetensors(path)).metadata, {version: 'old'});
});

test('an error of the writer leaves the old content and no temporary file', async t => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log.json');
  await writeFile(path, 'old');
  const broken = writeFileAtomically(path, async file => {
    await file.write('half of');
    throw new Error('interrupted');
  });
  await t.throwsAsync(broken, {message: 'interrupted'});
  t.is(await readFile(path, 'utf8'), 'old');
  t.deepEqual(await readdir(folder), ['log.json']);
});

test('a path that is a folder is not replaced', async t => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a.safetensors');
  await mkdir(path);
  await refuses(t, path, writeSafetensors(path, tensors), /cannot be written/);
  t.deepEqual(await readdir(folder), ['a.safetensors']);
});
