import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {readPth} from '../../src/weights/readPth.js';
import {legacyMagic} from '../../src/weights/readTorchLegacy.js';
import {readWeights} from '../../src/weights/readWeights.js';
import {WeightsFileError} from '../../src/weights/weightsFileError.js';
import {golden, pickle, refuses, temporaryFile, temporaryFolder, type ZipEntry, zip} from './support.js';

const expected = JSON.parse(await readFile(golden('weights/expected.json'), 'utf8')) as Record<
  string,
  {dtype: string; shape: number[]; values: (number | string | boolean)[]}
>;

for (const layout of ['zip', 'protocol4', 'legacy']) {
  test(`PyTorch's own file is read, layout ${layout}: every dtype, strides, shared storages`, async t => {
    const {tensors, metadata} = await readWeights(golden(`weights/${layout}.pth`));
    t.deepEqual(metadata, {epoch: '3', name: 'tiny'});
    t.deepEqual([...tensors.keys()], Object.keys(expected));
    for (const [name, {dtype, shape, values}] of Object.entries(expected)) {
      const tensor = tensors.get(name)!;
      t.is(tensor.dtype as string, dtype, name);
      t.deepEqual(tensor.shape, shape, name);
      t.deepEqual([...tensor.data], values.map(Number), name);
    }
  });
}

const four = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

/** A zip as torch.save lays it out, around this pickle. */
const archive = (data: Uint8Array, ...more: ZipEntry[]) =>
  zip([{name: 'archive/data.pkl', data}, {name: 'archive/data/0', data: four}, ...more]);

const stateDict = (tensor: Uint8Array) => pickle.of(pickle.dict(pickle.text('w'), tensor));

test('a pickle written by hand is read, so that the refusals below have one fault only', async t => {
  const path = await temporaryFile(t, 'good.pth', archive(stateDict(pickle.tensor())));
  t.deepEqual([...(await readPth(path)).tensors.get('w')!.data], [1, 2, 3, 4]);
});

const attack = pickle.call(pickle.global('os', 'system'), pickle.tuple(pickle.text('touch /tmp/owned')));
const huge = 2 ** 31;

const faults: [string, Buffer, RegExp][] = [
  [
    'os.system in the zip layout',
    archive(pickle.of(attack)),
    /asks for os\.system, which is not allowed.*Nothing of it was run/,
  ],
  [
    'os.system in the legacy layout',
    Buffer.concat([legacyMagic, pickle.of(pickle.number(1001)), pickle.of(attack)]),
    /asks for os\.system/,
  ],
  ['os.system in a bare pickle', pickle.of(attack), /asks for os\.system/],
  ['os.system in a text pickle', Buffer.from("cos\nsystem\n(S'true'\ntR."), /asks for os\.system/],
  ['os.system by INST', Buffer.from("(S'true'\nios\nsystem\n."), /opcode 0x53|asks for os\.system/],
  [
    'os.system by STACK_GLOBAL',
    Buffer.from('\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.', 'latin1'),
    /asks for os\.system/,
  ],
  ['eval', archive(pickle.of(pickle.global('builtins', 'eval'))), /asks for builtins\.eval/],
  [
    'a whole module',
    archive(pickle.of(pickle.global('__main__', 'Net'))),
    /asks for __main__\.Net.*save model\.state_dict\(\) alone/,
  ],
  [
    'a call of what is no name',
    archive(pickle.of(pickle.call(pickle.text('x'), pickle.tuple()))),
    /only an allowed name can be called/,
  ],
  [
    'a call of an inert name',
    archive(pickle.of(pickle.call(pickle.global('torch', 'float32'), pickle.tuple()))),
    /torch\.float32 cannot be called/,
  ],
  [
    'an unknown storage',
    archive(stateDict(pickle.tensor({storage: 'ComplexFloatStorage'}))),
    /asks for torch\.ComplexFloatStorage/,
  ],
  [
    'a storage that claims 2 GB',
    archive(stateDict(pickle.tensor({count: huge, shape: [huge]}))),
    /tensor "w".*\[2147483648\] repeats|has 16 bytes, but 8589934592 are claimed/,
  ],
  [
    'a storage that claims more than its entry',
    archive(stateDict(pickle.tensor({count: 5}))),
    /tensor "w": the entry "archive\/data\/0" has 16 bytes, but 20 are claimed/,
  ],
  [
    'a tensor beyond its storage',
    archive(stateDict(pickle.tensor({shape: [5]}))),
    /tensor "w": \[5\] reaches element 4 of a storage of 4/,
  ],
  [
    'an offset beyond its storage',
    archive(stateDict(pickle.tensor({offset: 1}))),
    /reaches element 4 of a storage of 4/,
  ],
  [
    'strides beyond its storage',
    archive(stateDict(pickle.tensor({shape: [2, 2], strides: [3, 1]}))),
    /reaches element 4/,
  ],
  [
    'an expansion to 8 GB',
    archive(stateDict(pickle.tensor({shape: [huge], strides: [0]}))),
    /repeats its storage too often/,
  ],
  ['a negative size', archive(stateDict(pickle.tensor({shape: [-4]}))), /whole and not negative/],
  ['a negative stride', archive(stateDict(pickle.tensor({strides: [-1]}))), /whole and not negative/],
  [
    'a storage that is missing',
    archive(stateDict(pickle.tensor({key: '7'}))),
    /the entry "archive\/data\/7" is missing/,
  ],
  [
    'a storage outside the archive',
    archive(stateDict(pickle.tensor({key: '../../etc/passwd'}))),
    /is missing/,
  ],
  [
    'a tensor named __proto__',
    archive(pickle.of(pickle.dict(pickle.text('__proto__'), pickle.tensor()))),
    /"__proto__": not a name/,
  ],
  [
    'no tensors',
    archive(pickle.of(pickle.dict(pickle.text('lr'), pickle.number(1)))),
    /no dictionary of tensors was found; the file holds "lr"/,
  ],
  ['one bare tensor', archive(pickle.of(pickle.tensor())), /one bare tensor/],
  ['an empty pickle', archive(Buffer.alloc(0)), /the pickle ends too early/],
  ['a pickle without an end', archive(Buffer.from([0x80, 2, 0x7d])), /the pickle ends too early/],
  [
    'a text of 4 GB',
    archive(Buffer.from('\x80\x02X\xff\xff\xff\xff', 'latin1')),
    /the pickle ends too early/,
  ],
  [
    'an unknown opcode',
    archive(Buffer.from([0x80, 2, 0xff])),
    /opcode 0xff is not one that weights need \(byte 2/,
  ],
  ['an unknown protocol', archive(Buffer.from([0x80, 9])), /pickle protocol 9/],
  ['a mark that is missing', archive(Buffer.from('\x80\x02t.', 'latin1')), /no mark was set/],
  ['an empty stack', archive(Buffer.from('\x80\x02.', 'latin1')), /the stack is empty/],
  [
    'a list as a key, which could be nested so that printing it takes for ever',
    archive(pickle.of(Buffer.from('}]Ns'))),
    /a list or dictionary cannot be a key/,
  ],
  [
    'another protocol of the legacy layout',
    Buffer.concat([legacyMagic, pickle.of(pickle.number(1002))]),
    /not 1001/,
  ],
  [
    'TorchScript',
    archive(stateDict(pickle.tensor()), {name: 'archive/code/net.py', data: four}),
    /a TorchScript program/,
  ],
  [
    'big-endian data',
    archive(stateDict(pickle.tensor()), {name: 'archive/byteorder', data: Buffer.from('big')}),
    /byte order "big"/,
  ],
  ['a zip without a pickle', zip([{name: 'a.txt', data: four}]), /a zip without data\.pkl/],
  [
    'two entries of one name',
    archive(stateDict(pickle.tensor()), {name: 'archive/data/0', data: four}),
    /two entries are named "archive\/data\/0"/,
  ],
  [
    'an entry with a path outside',
    archive(stateDict(pickle.tensor()), {name: '../x', data: four}),
    /relative path/,
  ],
  [
    'an encrypted entry',
    archive(stateDict(pickle.tensor()), {name: 'archive/data/1', data: four, claims: {flags: 1}}),
    /"archive\/data\/1" is encrypted/,
  ],
  [
    'a compressed entry',
    archive(stateDict(pickle.tensor()), {name: 'archive/data/1', data: four, claims: {method: 8}}),
    /is compressed/,
  ],
  [
    'entries that claim more than the file',
    archive(stateDict(pickle.tensor()), {name: 'archive/data/1', data: four, claims: {size: 2 ** 30}}),
    /claim more than the file's/,
  ],
  [
    'a wrong checksum',
    archive(stateDict(pickle.tensor({key: '1'})), {name: 'archive/data/1', data: four, claims: {crc32: 1}}),
    /does not match its checksum/,
  ],
  ['a zip cut short', archive(stateDict(pickle.tensor())).subarray(0, 120), /end of central directory|zip/i],
  [
    'a tar of PyTorch 0.1',
    Buffer.concat([Buffer.alloc(257, 0x80), Buffer.from('ustar'), Buffer.alloc(300)]),
    /a tar by PyTorch 0\.1/,
  ],
];

for (const [title, content, message] of faults) {
  test(`a file is refused for ${title}`, async t => {
    const path = await temporaryFile(t, 'bad.pth', content);
    await refuses(t, path, readPth(path), message);
    await refuses(t, path, readWeights(path), message);
  });
}

test('random pickles are refused at once', async t => {
  const opcodes = [...'(tRbQq\x00h\x00}]eausN)K\x01X\x01\x00\x00\x00ac'].map(opcode => opcode.charCodeAt(0));
  const path = join(await temporaryFolder(t), 'random.pth');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...opcodes), {maxLength: 300}), async bytes => {
      await writeFile(path, archive(Buffer.from([0x80, 2, ...bytes, 0x2e])));
      const error = await readPth(path).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof WeightsFileError)) throw error ?? new Error('it was read');
    }),
    {seed: 2, numRuns: 300},
  );
  t.pass();
});

test('a dictionary is taken by its name where a checkpoint holds several', async t => {
  const twice = pickle.dict(
    pickle.text('params'),
    pickle.dict(pickle.text('w'), pickle.tensor()),
    pickle.text('generator'),
    pickle.dict(pickle.text('g'), pickle.tensor()),
  );
  const path = await temporaryFile(t, 'gan.pth', archive(pickle.of(twice)));
  t.deepEqual([...(await readPth(path)).tensors.keys()], ['w']);
  t.deepEqual([...(await readPth(path, {key: 'generator'})).tensors.keys()], ['g']);
  await refuses(t, path, readPth(path, {key: 'other'}), /found under "other"/);
});

test('a legacy file cut anywhere is refused', async t => {
  const whole = await readFile(golden('weights/legacy.pth'));
  const path = join(await temporaryFolder(t), 'cut.pth');
  for (let size = 0; size < whole.length; size += 97) {
    await writeFile(path, whole.subarray(0, size));
    await t.throwsAsync(readPth(path), {instanceOf: WeightsFileError});
  }
});

for (const layout of ['zip', 'legacy']) {
  test(`a ${layout} file that is mutated anywhere is read or refused, never worse`, async t => {
    const good = await readFile(golden(`weights/${layout}.pth`));
    const path = join(await temporaryFolder(t), 'fuzzed.pth');
    const edit = fc.record({at: fc.nat(good.length - 1), value: fc.nat(255)});
    let read = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, {minLength: 1, maxLength: 8}), async edits => {
        const mutated = Buffer.from(good);
        for (const {at, value} of edits) mutated[at] = value;
        await writeFile(path, mutated);
        await readPth(path).then(
          () => read++,
          error => {
            if (!(error instanceof WeightsFileError)) throw error;
          },
        );
      }),
      {seed: 11, numRuns: 300},
    );
    t.true(read > 3 && read < 297, `${read} of 300 were still files`);
  });
}
