import {join} from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import {DatasetError} from '../../src/datasetError.js';
import {decodeMaskPng, readMaskPng} from '../../src/readers/maskPng.js';
import {filesIn, png} from '../files.js';

const ramp = (count: number, modulus: number) => Array.from({length: count}, (_, i) => (i * 7) % modulus);

for (const depth of [1, 2, 4, 8] as const) {
  for (const colorType of [0, 3] as const) {
    const values = ramp(5 * 3, 2 ** depth);
    const palette = Array.from({length: 3 * 2 ** depth}, () => 99); // every index the same colour
    const options = {width: 5, height: 3, depth, colorType, ...(colorType === 3 && {palette})};
    test(`${depth} bits of ${colorType === 3 ? 'palette indices' : 'grey'} keep their values`, t => {
      t.deepEqual(decodeMaskPng(png(values, options)), {
        width: 5,
        height: 3,
        channels: 1,
        data: Uint8Array.from(values),
      });
    });
  }
}

test('16 bits keep their values', t => {
  const {data} = decodeMaskPng(png([0, 255, 256, 65_535], {width: 2, height: 2, depth: 16, colorType: 0}));
  t.deepEqual(data, Uint16Array.of(0, 255, 256, 65_535));
});

test('transparency changes no value', t => {
  const options = {width: 3, height: 1};
  const palette = [1, 1, 1, 2, 2, 2, 3, 3, 3];
  const one = decodeMaskPng(png([0, 1, 2], {...options, colorType: 3, palette, transparency: [255, 0, 0]}));
  t.deepEqual(one.data, Uint8Array.of(0, 1, 2));
  const two = decodeMaskPng(png([0, 1, 2], {...options, colorType: 0, transparency: [0, 1]}));
  t.deepEqual(two.data, Uint8Array.of(0, 1, 2));
  const rgb = png([7, 8, 9], {width: 1, height: 1, colorType: 2, transparency: [0, 7, 0, 8, 0, 9]});
  t.deepEqual(decodeMaskPng(rgb), {width: 1, height: 1, channels: 3, data: Uint8Array.of(7, 8, 9)});
});

test('alpha is dropped, also where nothing is to be seen', t => {
  const rgba = decodeMaskPng(png([1, 2, 3, 0, 4, 5, 6, 9], {width: 2, height: 1, colorType: 6}));
  t.deepEqual([rgba.channels, rgba.data], [3, Uint8Array.of(1, 2, 3, 4, 5, 6)]);
  const grey = decodeMaskPng(png([1, 0, 2, 9], {width: 2, height: 1, colorType: 4}));
  t.deepEqual([grey.channels, grey.data], [1, Uint8Array.of(1, 2)]);
});

test('an interlaced palette written by another library gives its indices', async t => {
  const colors = Uint8Array.from({length: 8 * 8 * 3}, (_, i) => (Math.floor(i / 3) % 2) * 255);
  const bytes = await sharp(colors, {raw: {width: 8, height: 8, channels: 3}})
    .png({palette: true, progressive: true})
    .toBuffer();
  t.is(bytes[25], 3);
  const {data} = decodeMaskPng(bytes);
  const first = data[0];
  t.deepEqual(
    Array.from(data),
    Array.from({length: 64}, (_, i) => (i % 2 ? 1 - first : first)),
  );
});

const good = png(ramp(64, 256), {width: 8, height: 8, colorType: 0});
const changed = (at: number) => {
  const bytes = Buffer.from(good);
  bytes[at] ^= 1;
  return bytes;
};
const bomb = Buffer.from(good);
bomb.writeUInt32BE(50_000, 16);
bomb.writeUInt32BE(50_000, 20);
const bad: [string, Buffer, RegExp][] = [
  ['an empty file', Buffer.alloc(0), /m\.png: expected a PNG, got something else/],
  ['a JPEG', Buffer.from('ffd8ffe000104a46', 'hex'), /got a JPEG, which blurs indices/],
  ['a PNG cut short', good.subarray(0, 60), /damaged or truncated/],
  ['a damaged header', changed(24 + 5), /damaged or truncated/],
  [
    'a damaged header of a palette',
    Buffer.from(png([0], {width: 1, height: 1, colorType: 3, palette: [1, 2, 3]}).fill(9, 29, 30)),
    /damaged or truncated/,
  ],
  ['damaged data', changed(50), /damaged or truncated/],
  ['a bomb', bomb, /50000 × 50000 pixels are more than/],
];
for (const [what, bytes, message] of bad) {
  test(`${what} is refused by name`, async t => {
    const folder = await filesIn(t, {'m.png': bytes});
    await t.throwsAsync(readMaskPng(join(folder, 'm.png')), {instanceOf: DatasetError, message});
  });
}

test('no file and a folder are refused', async t => {
  const folder = await filesIn(t, {});
  await t.throwsAsync(readMaskPng(join(folder, 'none.png')), {message: /none\.png: no such file/});
  await t.throwsAsync(readMaskPng(folder), {message: /expected a file, got a folder/});
});
