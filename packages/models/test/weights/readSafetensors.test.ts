import {execFileSync} from 'node:child_process';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {readSafetensors} from '../../src/weights/readSafetensors.js';
import {readWeights} from '../../src/weights/readWeights.js';
import {WeightsFileError} from '../../src/weights/weightsFileError.js';
import {refuses, safetensors, temporaryFile, temporaryFolder} from './support.js';

const bytes = (...values: number[]) => Uint8Array.from(values);
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const header = (entries: object) => JSON.stringify(entries);
const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

// Bits worked out by hand from IEEE 754 and from the definition of bfloat16.
const dtypes: [string, Uint8Array, string, number[]][] = [
  ['F64', new Uint8Array(Float64Array.of(0.5, -1e300).buffer), 'float32', [0.5, -Infinity]],
  ['F32', floats(1.5, -2), 'float32', [1.5, -2]],
  ['F16', bytes(0x00, 0x3c, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x80), 'float32', [1, 65504, 2 ** -24, -0]],
  ['BF16', bytes(0x80, 0x3f, 0x00, 0xc0), 'float32', [1, -2]],
  ['I64', new Uint8Array(BigInt64Array.of(-1n, 2n ** 53n - 1n).buffer), 'int64', [-1, 2 ** 53 - 1]],
  ['I32', new Uint8Array(Int32Array.of(-(2 ** 31), 7).buffer), 'int32', [-(2 ** 31), 7]],
  ['I16', bytes(0xff, 0xff, 0x01, 0x80), 'int32', [-1, -32767]],
  ['I8', bytes(0xff, 0x7f), 'int32', [-1, 127]],
  ['U8', bytes(0xff, 0x7f), 'int32', [255, 127]],
  ['BOOL', bytes(1, 0), 'bool', [1, 0]],
];

for (const [dtype, data, expected, values] of dtypes) {
  test(`${dtype} is read as ${expected}`, async t => {
    const entry = {dtype, shape: [values.length], data_offsets: [0, data.length]};
    const path = await temporaryFile(t, 'a.safetensors', safetensors(header({x: entry}), data));
    const tensor = (await readSafetensors(path)).tensors.get('x')!;
    t.deepEqual(
      [tensor.dtype, tensor.shape, [...tensor.data]],
      [expected as 'float32', [values.length], values],
    );
  });
}

test('scalars, empty tensors, padding, metadata and any order of tensors are read', async t => {
  const entries = {
    __metadata__: {format: 'pt'},
    last: f32([2], 4, 12),
    none: f32([0, 5], 12, 12),
    first: f32([], 0, 4),
  };
  const path = await temporaryFile(t, 'ok', safetensors(`${header(entries)}   `, floats(1, 2, 3)));
  const {tensors, metadata} = await readWeights(path);
  t.deepEqual(metadata, {format: 'pt'});
  t.deepEqual(
    [...tensors].map(([name, {shape, data}]) => [name, shape, [...data]]),
    [
      ['last', [2], [2, 3]],
      ['none', [0, 5], []],
      ['first', [], [1]],
    ],
  );
});

test('data that does not begin at a multiple of its size is read', async t => {
  const path = await temporaryFile(t, 'a', safetensors(`${header({x: f32([1], 0, 4)})} `, floats(3)));
  t.deepEqual([...(await readSafetensors(path)).tensors.get('x')!.data], [3]);
});

// Each title is what is wrong; each has one fault only.
const faults: [string, Buffer, RegExp][] = [
  ['a header of 2^63 bytes', safetensors('{}', bytes(), 2n ** 63n), /claims 9223372036854775808 bytes/],
  ['a header beyond the end', safetensors('{}', bytes(), 3n), /claims 3 bytes; the file has 10/],
  ['less than a length', Buffer.from('{"x"'), /needs bytes 0 to 8, but the file has 4/],
  ['a header that is not UTF-8', safetensors(bytes(0x7b, 0xff, 0x7d)), /not UTF-8/],
  ['a header that is not JSON', safetensors('{"x":'), /not JSON/],
  ['a header that is a list', safetensors('[]'), /must be a JSON object/],
  ['a header nested 50,000 deep', safetensors('['.repeat(50_000)), /not JSON/],
  [
    'a name twice',
    safetensors(
      '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0078":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      floats(1),
    ),
    /tensor "x": the header names it twice/,
  ],
  [
    'a key twice in an entry',
    safetensors('{"x":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', floats(1)),
    /"shape": the header names it twice/,
  ],
  [
    'a tensor named __proto__',
    safetensors('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', floats(1)),
    /tensor "__proto__": not a name/,
  ],
  ['metadata named __proto__', safetensors('{"__metadata__":{"__proto__":"x"}}'), /__proto__/],
  ['metadata that is no string', safetensors('{"__metadata__":{"a":1}}'), /strings to strings/],
  ['an entry that is a number', safetensors('{"x":1}'), /tensor "x": its entry must be an object/],
  [
    'an unknown dtype',
    safetensors(header({x: {...f32([1], 0, 4), dtype: 'F8_E4M3'}}), floats(1)),
    /tensor "x": dtype "F8_E4M3" is not supported; expected one of F64/,
  ],
  [
    'a dtype from the prototype',
    safetensors(header({x: {...f32([1], 0, 4), dtype: 'toString'}}), floats(1)),
    /dtype "toString"/,
  ],
  [
    'a negative size',
    safetensors(header({x: f32([-1], 0, 4)}), floats(1)),
    /shape must list whole numbers from 0 up, got \[-1\]/,
  ],
  ['a fractional size', safetensors(header({x: f32([0.5], 0, 4)}), floats(1)), /shape must list/],
  [
    'sizes whose product overflows',
    safetensors(header({x: f32([2 ** 40, 2 ** 40], 0, 4)}), floats(1)),
    /takes 4.8.*e\+24 bytes/,
  ],
  [
    'a dtype wider than its bytes',
    safetensors(header({x: {dtype: 'F64', shape: [1], data_offsets: [0, 4]}}), floats(1)),
    /F64 \[1\] takes 8 bytes, but its data_offsets hold 4/,
  ],
  [
    'offsets backwards',
    safetensors(header({x: f32([1], 4, 0)}), floats(1)),
    /data_offsets must be \[begin, end\]/,
  ],
  [
    'tensors that overlap',
    safetensors(header({x: f32([2], 0, 8), y: f32([1], 4, 8)}), floats(1, 2)),
    /tensor "y": begins at byte 4, inside/,
  ],
  [
    'a hole',
    safetensors(header({x: f32([1], 0, 4), y: f32([1], 8, 12)}), floats(1, 2, 3)),
    /tensor "y": begins at byte 8, leaving a hole/,
  ],
  [
    'data cut short',
    safetensors(header({x: f32([2], 0, 8)}), floats(1)),
    /tensor "x": ends at byte 8, but the file holds 4/,
  ],
  [
    'bytes after the last tensor',
    safetensors(header({x: f32([1], 0, 4)}), floats(1, 2)),
    /4 bytes follow the last tensor/,
  ],
  [
    'an integer beyond 2^53',
    safetensors(
      header({x: {dtype: 'I64', shape: [1], data_offsets: [0, 8]}}),
      new Uint8Array(BigInt64Array.of(2n ** 53n).buffer),
    ),
    /tensor "x": the 64-bit integer 9007199254740992 is beyond 2\^53/,
  ],
  [
    'a bool of 2',
    safetensors(header({x: {dtype: 'BOOL', shape: [1], data_offsets: [0, 1]}}), bytes(2)),
    /a bool must be 0 or 1, got 2/,
  ],
];

for (const [title, content, message] of faults) {
  test(`a file is refused for ${title}`, async t => {
    const path = await temporaryFile(t, 'bad.safetensors', content);
    await refuses(t, path, readSafetensors(path), message);
    await refuses(t, path, readWeights(path), message);
  });
}

test('a header above the limit of 100 MB is refused before it is read', async t => {
  const {open} = await import('node:fs/promises');
  const path = await temporaryFile(t, 'bad.safetensors', safetensors('{}', bytes(), 100_000_001n));
  const file = await open(path, 'r+');
  await file.truncate(200_000_000); // sparse: takes no room
  await file.close();
  await refuses(t, path, readSafetensors(path), /claims 100000001 bytes/);
});

test('what is no regular file is refused by name', async t => {
  const folder = await temporaryFolder(t);
  const pipe = join(folder, 'pipe');
  await mkdir(join(folder, 'folder'));
  execFileSync('mkfifo', [pipe]);
  await refuses(
    t,
    join(folder, 'folder'),
    readWeights(join(folder, 'folder')),
    /expected a file, got a folder/,
  );
  await refuses(t, pipe, readWeights(pipe), /got a pipe or device/);
  await refuses(t, join(folder, 'nothing'), readWeights(join(folder, 'nothing')), /no such file/);
  await refuses(t, join(folder, 'a'.repeat(300)), readWeights(join(folder, 'a'.repeat(300))), /too long/);
});

test('empty files and files of another kind are refused', async t => {
  const empty = await temporaryFile(t, 'empty.pth', bytes());
  await refuses(t, empty, readWeights(empty), /the file is empty/);
  const text = await temporaryFile(t, 'page.pth', Buffer.from('<!DOCTYPE html><html>'));
  await refuses(t, text, readWeights(text), /neither safetensors nor torch/);
});

test('a file that is mutated anywhere is read or refused, never worse', async t => {
  const good = safetensors(
    header({__metadata__: {a: 'b'}, 'conv.weight': f32([2, 2], 0, 16), y: f32([1], 16, 20)}),
    floats(1, 2, 3, 4, 5),
  );
  const edit = fc.record({at: fc.nat(good.length - 1), value: fc.nat(255), cut: fc.boolean()});
  const folder = await temporaryFolder(t);
  const {writeFile} = await import('node:fs/promises');
  const path = join(folder, 'fuzzed.safetensors');
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(edit, {minLength: 1, maxLength: 4}), async edits => {
      let mutated = Buffer.from(good);
      for (const {at, value, cut} of edits) {
        if (cut && value < 32) mutated = mutated.subarray(0, at);
        else if (at < mutated.length) mutated[at] = value;
      }
      await writeFile(path, mutated);
      await readSafetensors(path).then(
        () => read++,
        error => {
          if (!(error instanceof WeightsFileError)) throw error;
        },
      );
    }),
    {seed: 5, numRuns: 400},
  );
  t.true(read > 5 && read < 395, `${read} of 400 were still files`);
});
