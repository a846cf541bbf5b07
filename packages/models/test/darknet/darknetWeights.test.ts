import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import test from 'ava';
import {Darknet} from '../../src/darknet/darknet.js';
import {darknetTensors} from '../../src/darknet/darknetTensors.js';
import {readDarknetWeights, writeDarknetWeights} from '../../src/darknet/darknetWeights.js';
import {loadDarknetWeights, saveDarknetWeights} from '../../src/darknet/loadDarknetWeights.js';
import {parseCfg} from '../../src/darknet/parseCfg.js';
import {withClasses} from '../../src/darknet/withClasses.js';
import {WeightsFileError} from '../../src/weights/weightsFileError.js';
import {temporaryFile, temporaryFolder} from '../weights/support.js';

test.before(() => selectEngine());

const cfg = parseCfg(
  '[net]\nwidth=4\nheight=4\n[convolutional]\nbatch_normalize=1\nfilters=6\nsize=3\npad=1\n' +
    '[convolutional]\nfilters=6\ngroups=3\n[yolo]\nanchors=2,2\nnum=1\nclasses=1\n' +
    '[route]\nlayers=0\n[connected]\noutput=2\n',
  'tiny.cfg',
);
const count = darknetTensors(cfg).reduce((sum, {shape}) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** Header, then 1, 2, 3, … as floats. */
function file(header: readonly number[], seen: Buffer, floats = count): Buffer {
  const version = Buffer.from(Int32Array.from(header).buffer);
  return Buffer.concat([
    version,
    seen,
    Buffer.from(Float32Array.from({length: floats}, (_, i) => i + 1).buffer),
  ]);
}

const short = (seen: number) => Buffer.from(Uint32Array.of(seen).buffer);
const long = (seen: bigint) => Buffer.from(BigUint64Array.of(seen).buffer);

test('numbers stand in darknet’s order: bias, scales, mean, variance, filters; then the next layer', async t => {
  const path = await temporaryFile(t, 'a.weights', file([0, 2, 5], long(7n)));
  const {header, tensors} = await readDarknetWeights(path, cfg);
  t.deepEqual(header, {major: 0, minor: 2, revision: 5, seen: 7n});
  const firsts = [...tensors].map(([name, {data, shape}]) => [name, shape.join(), data[0]]);
  t.deepEqual(firsts, [
    ['layers.0.bn.bias', '6', 1],
    ['layers.0.bn.weight', '6', 7],
    ['layers.0.bn.running_mean', '6', 13],
    ['layers.0.bn.running_var', '6', 19],
    ['layers.0.conv.weight', '6,3,3,3', 25],
    ['layers.1.conv.bias', '6', 187],
    ['layers.1.conv.weight', '6,2,1,1', 193],
    ['layers.4.linear.bias', '2', 205],
    ['layers.4.linear.weight', '2,96', 207],
  ]);
});

const headers: [string, readonly number[], Buffer][] = [
  ['version 0.1, whose counter has 32 bits', [0, 1, 0], short(4_000_000_000)],
  ['version 0.2, whose counter has 64 bits', [0, 2, 5], long(14_231_680n)],
  ['a counter beyond 2^53', [0, 2, 0], long(2n ** 63n + 1n)],
  ['the matrices of an early version, turned', [1001, 0, 0], short(3)],
];

for (const [what, version, seen] of headers) {
  test(`a file is written back byte by byte: ${what}`, async t => {
    const bytes = file(version, seen);
    const path = await temporaryFile(t, 'a.weights', bytes);
    const out = join(await temporaryFolder(t), 'b.weights');
    await writeDarknetWeights(out, cfg, await readDarknetWeights(path, cfg));
    t.true(bytes.equals(await readFile(out)));

    const network = new Darknet(cfg);
    const {header, loaded, kept} = await loadDarknetWeights(network, path);
    t.deepEqual([loaded, kept], [9, []]);
    await saveDarknetWeights(network, out, header);
    t.true(bytes.equals(await readFile(out)));
    network.dispose();
  });
}

test('an early version’s matrix stands input by input', async t => {
  const path = await temporaryFile(t, 'a.weights', file([1001, 0, 0], short(3)));
  const {tensors} = await readDarknetWeights(path, cfg);
  t.deepEqual([...(tensors.get('layers.4.linear.weight')?.data.slice(0, 3) ?? [])], [207, 209, 211]);
});

test('a file too short or too long is refused with both counts', async t => {
  const expected = 20 + 4 * count;
  for (const [floats, words] of [
    [count - 1, '4 too few'],
    [count + 2, '8 too many'],
  ] as const) {
    const path = await temporaryFile(t, 'a.weights', file([0, 2, 5], long(0n), floats));
    const got = 20 + 4 * floats;
    const error = await t.throwsAsync(readDarknetWeights(path, cfg), {instanceOf: WeightsFileError});
    t.true(
      error?.message.includes(
        `a.weights: expected ${expected} bytes for the network of tiny.cfg, got ${got}: ${words}`,
      ),
    );
  }
  const empty = await temporaryFile(t, 'a.weights', Buffer.alloc(7));
  await t.throwsAsync(readDarknetWeights(empty, cfg), {message: /16 or 20 bytes .* this one has 7/});
});

test('a stem that ends after a layer is read if asked for, and no other short file', async t => {
  const stem = await temporaryFile(t, 'a.weights', file([0, 2, 5], long(0n), 186));
  await t.throwsAsync(readDarknetWeights(stem, cfg), {
    message: /stems for training are read with \{partial: true\}/,
  });
  const network = new Darknet(cfg);
  const {loaded, kept} = await loadDarknetWeights(network, stem, {partial: true});
  t.deepEqual([loaded, kept.length], [5, 4]);
  const cut = await temporaryFile(t, 'b.weights', file([0, 2, 5], long(0n), 187));
  await t.throwsAsync(readDarknetWeights(cut, cfg, {partial: true}), {message: /too few/});
});

test('for other classes, the weights of the old heads stay out', async t => {
  const path = await temporaryFile(t, 'a.weights', file([0, 2, 5], long(0n)));
  const network = new Darknet(withClasses({...cfg, layers: cfg.layers.slice(0, 3)}, 7));
  const {loaded, kept} = await loadDarknetWeights(network, path, {cfg});
  t.deepEqual([loaded, kept], [5, ['layers.1.conv.weight', 'layers.1.conv.bias']]);
});
