import {readFile} from 'node:fs/promises';
import type {Preprocess} from '@foveal/core';
import test, {type ExecutionContext} from 'ava';
import {fitImage} from '../src/fitImage.js';
import type {Image} from '../src/image.js';
import {cropImage, resizeImage} from '../src/resizeImage.js';
import {fixture, makeImage} from './support.js';

interface Picture {
  width: number;
  height: number;
  /** Base64. */
  data: string;
}

const golden = JSON.parse(await readFile(fixture('golden/resize.json'), 'utf8')) as {
  picture: Picture;
  resized: Picture[];
  centres: (Picture & {resize: number})[];
};
const {width, height} = golden.picture;
const picture: Image = {width, height, channels: 3, data: Buffer.from(golden.picture.data, 'base64')};

/**
 * Steps in 255, against Pillow. Enlarging is the same arithmetic. libvips weighs the pixels of a reduction in coarser
 * steps and repeats the border's, so single values differ by more.
 */
const tolerances = {enlarge: {mean: 0.01, most: 1}, shrink: {mean: 1, most: 9}};

function near(
  t: ExecutionContext,
  got: Image,
  expected: Picture,
  {mean, most}: {mean: number; most: number},
): void {
  t.deepEqual([got.width, got.height], [expected.width, expected.height]);
  const differences = [...Buffer.from(expected.data, 'base64')].map((value, i) =>
    Math.abs(value - got.data[i]),
  );
  t.true(Math.max(...differences) <= most, `one value is off by ${Math.max(...differences)}`);
  const average = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  t.true(average <= mean, `values are off by ${average} on average`);
}

for (const expected of golden.resized) {
  const {width: w, height: h} = expected;
  const tolerance = w < width || h < height ? tolerances.shrink : tolerances.enlarge;
  test(`${width} × ${height} becomes ${w} × ${h} as in Pillow`, async t => {
    near(t, await resizeImage(picture, {width: w, height: h}), expected, tolerance);
  });
}

for (const expected of golden.centres) {
  const {resize, width: w, height: h} = expected;
  const tolerance = resize < height ? tolerances.shrink : tolerances.enlarge;
  test(`the shorter side at ${resize} and a centre of ${w} is what torchvision sees`, async t => {
    const preprocess: Preprocess = {inputSize: [h, w], resize, color: 'rgb', scale: 1, mean: [], std: []};
    near(t, await fitImage(picture, preprocess), expected, tolerance);
  });
}

test('a region is what the whole would have there, shrunken or enlarged', async t => {
  const grey = makeImage(40, 30, 1, (x, y) => 128 + 100 * Math.sin(x / 5) * Math.cos(y / 4));
  const region = {left: 3, top: 5, width: 6, height: 4};
  for (const size of [
    {width: 20, height: 15},
    {width: 80, height: 75},
    {width: 20, height: 60},
  ]) {
    const whole = await resizeImage(grey, size);
    const part = await resizeImage(grey, size, region);
    t.deepEqual([...part.data], [...cropImage(whole, region).data]);
  }
});
