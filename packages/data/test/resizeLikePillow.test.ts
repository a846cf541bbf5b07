import {readFile} from 'node:fs/promises';
import type {Preprocess} from '@foveal/core';
import test from 'ava';
import fc from 'fast-check';
import {cropImage} from '../src/cropImage.js';
import {fitImage} from '../src/fitImage.js';
import type {Image} from '../src/image.js';
import {resizeLikePillow} from '../src/resizeLikePillow.js';
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
const pictureOf = ({width, height, data}: Picture): Image => ({
  width,
  height,
  channels: 3,
  data: Uint8Array.from(Buffer.from(data, 'base64')),
});
const picture = pictureOf(golden.picture);

for (const expected of golden.resized) {
  const {width, height} = expected;
  test(`${picture.width} × ${picture.height} becomes ${width} × ${height} with Pillow's bytes`, t => {
    t.deepEqual(resizeLikePillow(picture, {width, height}), pictureOf(expected));
  });
}

for (const expected of golden.centres) {
  const {resize, width, height} = expected;
  test(`the shorter side at ${resize} and a centre of ${width} are torchvision's bytes`, t => {
    const preprocess: Preprocess = {
      inputSize: [height, width],
      resize,
      color: 'rgb',
      scale: 1,
      mean: [],
      std: [],
    };
    t.deepEqual(fitImage(picture, preprocess), pictureOf(expected));
  });
}

test('a region is what the whole would have there, shrunken, enlarged or as it was', t => {
  const grey = makeImage(40, 30, 1, (x, y) => 128 + 100 * Math.sin(x / 5) * Math.cos(y / 4));
  const region = {left: 3, top: 5, width: 6, height: 4};
  for (const [width, height] of [
    [20, 15],
    [80, 75],
    [20, 60],
    [40, 15],
    [20, 30],
    [40, 30],
  ]) {
    const whole = resizeLikePillow(grey, {width, height});
    t.deepEqual(resizeLikePillow(grey, {width, height}, region), cropImage(whole, region));
  }
});

test('a grey image is resized like the channels of a colour image', t => {
  const colour = makeImage(23, 31, 3);
  const channel = (image: Image): Image => ({
    ...image,
    channels: 1,
    data: image.data.filter((_, i) => i % 3 === 1),
  });
  for (const [width, height] of [
    [7, 50],
    [40, 9],
  ]) {
    const size = {width, height};
    t.deepEqual(resizeLikePillow(channel(colour), size), channel(resizeLikePillow(colour, size)));
  }
});

/** One side of Pillow's ImagingResample as it is defined: the bytes at `place` of `length` become those at `target`. */
function plainly(length: number, target: number, place: (i: number) => number): number[] {
  const scale = length / target;
  const support = Math.max(scale, 1);
  return Array.from({length: target}, (_, i) => {
    const centre = (i + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - support + 0.5), 0);
    const to = Math.min(Math.trunc(centre + support + 0.5), length);
    const shares: number[] = [];
    for (let k = from; k < to; k++) shares.push(Math.max(0, 1 - Math.abs((k - centre + 0.5) / support)));
    const all = shares.reduce((sum, share) => sum + share, 0);
    const weight = (share: number) => Math.trunc(0.5 + (share / all) * 2 ** 22);
    const sum = shares.reduce((sum, share, k) => sum + weight(share) * place(from + k), 2 ** 21);
    return sum >> 22;
  });
}

/** The pixels of a region, each side resized by `plainly`. */
function resizePlainly({data, width, height, channels}: Image, size: {width: number; height: number}): Image {
  const narrow = new Uint8Array(size.width * height * channels);
  for (let y = 0; y < height; y++)
    for (let c = 0; c < channels; c++)
      plainly(width, size.width, x => data[(y * width + x) * channels + c]).forEach((value, x) => {
        narrow[(y * size.width + x) * channels + c] = value;
      });
  const out = new Uint8Array(size.width * size.height * channels);
  const row = size.width * channels;
  for (let i = 0; i < row; i++)
    plainly(height, size.height, y => narrow[y * row + i]).forEach((value, y) => {
      out[y * row + i] = value;
    });
  return {data: out, ...size, channels};
}

const side = (max: number) => fc.integer({min: 1, max});

test('any image, any size and any region of it are what the definition says', t => {
  const pictures = fc
    .record({width: side(50), height: side(50), channels: fc.constantFrom(1 as const, 3 as const)})
    .chain(({width, height, channels}) => {
      const length = width * height * channels;
      const data = fc.uint8Array({minLength: length, maxLength: length});
      return fc.record({
        data,
        width: fc.constant(width),
        height: fc.constant(height),
        channels: fc.constant(channels),
      });
    });
  const within = fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true});
  const cut = (all: number, start: number, part: number) => {
    const first = Math.floor(start * all);
    return [first, 1 + Math.floor(part * (all - first))];
  };
  fc.assert(
    fc.property(
      pictures,
      side(60),
      side(60),
      fc.tuple(within, within, within, within),
      (image, width, height, at) => {
        const [left, wide] = cut(width, at[0], at[1]);
        const [top, high] = cut(height, at[2], at[3]);
        const region = {left, top, width: wide, height: high};
        const expected = cropImage(resizePlainly(image, {width, height}), region);
        t.deepEqual(resizeLikePillow(image, {width, height}, region), expected);
      },
    ),
    {numRuns: 80, examples: [[makeImage(2, 16, 1), 8, 84, [0.75, 0.56, 0.99, 0.89]]]},
  );
});

test('a photo too large to be worked on at once is resized like any other', t => {
  const large = makeImage(800, 2000, 3, (x, y, c) => (x * y) ^ (31 * c));
  const size = {width: 12, height: 9};
  t.deepEqual(resizeLikePillow(large, size), resizePlainly(large, size));
});

test('a picture made too large to be worked on at once is what its parts are', t => {
  const small = makeImage(30, 20, 3);
  const size = {width: 1300, height: 1200};
  const whole = resizeLikePillow(small, size);
  for (const top of [0, 400, 800]) {
    const region = {left: 0, top, width: 1300, height: 400};
    t.deepEqual(cropImage(whole, region), resizeLikePillow(small, size, region));
  }
});
