import type {Preprocess} from '@foveal/core';
import test from 'ava';
import {applyPreprocess} from '../src/applyPreprocess.js';
import {makeImage} from './support.js';

const plain = {scale: 1, mean: [0, 0, 0], std: [1, 1, 1]};
const rgb: Preprocess = {inputSize: [2, 3], color: 'rgb', ...plain};
const gray: Preprocess = {inputSize: [2, 3], color: 'gray', scale: 1, mean: [0], std: [1]};

/** Largest difference between two lists. */
const error = (got: ArrayLike<number>, wanted: number[]) =>
  Math.max(
    ...wanted.map((value, i) => Math.abs(value - got[i])),
    got.length === wanted.length ? 0 : Infinity,
  );

test('each value becomes (v · scale − mean) / std of its channel', async t => {
  const image = makeImage(3, 2, 3);
  const preprocess: Preprocess = {
    inputSize: [2, 3],
    color: 'rgb',
    scale: 1 / 255,
    mean: [0.1, 0.2, 0.3],
    std: [0.5, 0.25, 2],
  };
  const expected = [...image.data].map(
    (value, i) => (value / 255 - [0.1, 0.2, 0.3][i % 3]) / [0.5, 0.25, 2][i % 3],
  );
  t.true(error(await applyPreprocess(image, preprocess), expected) < 1e-6);
});

test('bgr exchanges red and blue, and statistics are in the order of the output', async t => {
  const image = {data: Uint8Array.of(10, 20, 30), width: 1, height: 1, channels: 3} as const;
  const bgr: Preprocess = {inputSize: [1, 1], color: 'bgr', scale: 1, mean: [1, 2, 3], std: [1, 1, 1]};
  t.deepEqual([...(await applyPreprocess(image, bgr))], [29, 18, 7]);
});

test('colour becomes grey by the luma weights, grey becomes three equal channels', async t => {
  const colours = {
    data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9),
    width: 2,
    height: 2,
    channels: 3,
  } as const;
  // ITU-R 601: 0.299, 0.587, 0.114.
  t.deepEqual([...(await applyPreprocess(colours, {...gray, inputSize: [2, 2]}))], [76, 150, 29, 9]);
  const digit = {data: Uint8Array.of(4, 5), width: 2, height: 1, channels: 1} as const;
  t.deepEqual([...(await applyPreprocess(digit, {...rgb, inputSize: [1, 2]}))], [4, 4, 4, 5, 5, 5]);
  t.deepEqual([...(await applyPreprocess(digit, {...gray, inputSize: [1, 2]}))], [4, 5]);
});

test('without resize, the whole image takes the size of the input', async t => {
  // Halving averages: the triangle filter spans four pixels with weights 1, 3, 3, 1, so a ramp stays a ramp inside.
  const ramp = makeImage(32, 32, 3, x => x * 8);
  const small = await applyPreprocess(ramp, {...rgb, inputSize: [16, 16]});
  for (let x = 1; x < 15; x++)
    t.true(Math.abs(small[x * 3] - (16 * x + 4)) <= 1, `column ${x}: ${small[x * 3]}`);
});

test('with resize, the shorter side takes that size and the centre is cut out', async t => {
  // 100 × 50 at half the size is 50 × 25; the middle 20 × 20 begins at column 15 and row 2 (2.5, rounded to even).
  const ramp = makeImage(100, 50, 1, (x, y) => x + 3 * y);
  const cut = await applyPreprocess(ramp, {...gray, inputSize: [20, 20], resize: 25});
  const at = (x: number, y: number) => 2 * (x + 15) + 0.5 + 3 * (2 * (y + 2) + 0.5);
  const expected = Array.from({length: 400}, (_, i) => at(i % 20, Math.floor(i / 20)));
  t.true(error(cut, expected) <= 1.5, `off by ${error(cut, expected)}`);
});

test('sizes may be rounded to the nearest and places down, instead', async t => {
  // 103 × 50 at half the size is 51.5 × 25, so 52; the middle 20 × 22 begins at column 16 and row 1 (1.5).
  const ramp = makeImage(103, 50, 1, (x, y) => x + 3 * y);
  const options = {...gray, inputSize: [22, 20] as [number, number], resize: 25};
  const cut = await applyPreprocess(ramp, {...options, rounding: 'nearest'});
  const at = (x: number, y: number) => ((x + 16.5) * 103) / 52 - 0.5 + 3 * (2 * (y + 1) + 0.5);
  const expected = Array.from({length: 440}, (_, i) => at(i % 20, Math.floor(i / 20)));
  t.true(error(cut, expected) <= 1.5, `off by ${error(cut, expected)}`);
  t.true(error(await applyPreprocess(ramp, options), expected) > 2, 'torchvision’s way differs');
});

test('an image of the right shorter side is cut without being resampled', async t => {
  const image = makeImage(9, 4, 1, (x, y) => 10 * x + y);
  const cut = await applyPreprocess(image, {...gray, inputSize: [4, 4], resize: 4});
  // (9 − 4) / 2 = 2.5, rounded to even.
  t.deepEqual(
    [...cut],
    Array.from({length: 16}, (_, i) => 10 * ((i % 4) + 2) + Math.floor(i / 4)),
  );
});

test('an image of one pixel is enough', async t => {
  const pixel = {data: Uint8Array.of(50, 60, 70), width: 1, height: 1, channels: 3} as const;
  const values = await applyPreprocess(pixel, {...rgb, inputSize: [8, 8], resize: 9});
  t.deepEqual([...new Set(values)], [50, 60, 70]);
});

for (const [width, height] of [
  [1, 4000],
  [4000, 1],
]) {
  test(`an image of ${width} × ${height} gives its centre in bounded memory`, async t => {
    const image = makeImage(width, height, 1, (x, y) => ((x + y) * 255) / 4000);
    const values = await applyPreprocess(image, {
      inputSize: [224, 224],
      resize: 256,
      color: 'gray',
      scale: 1,
      mean: [0],
      std: [1],
    });
    t.is(values.length, 224 * 224);
    t.true(values.every(value => Math.abs(value - 127) <= 1));
  });
}

test('preprocessing that contradicts itself is refused', async t => {
  const image = makeImage(3, 2, 3);
  await t.throwsAsync(applyPreprocess(image, {...rgb, inputSize: [224, 224], resize: 200}), {
    message: /resize 200 leaves less than inputSize \[224, 224\]/,
  });
  await t.throwsAsync(applyPreprocess(image, {...rgb, mean: [0]}), {
    message: /rgb needs 3 values of mean and std, got 1 and 3/,
  });
});
