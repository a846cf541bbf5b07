import {readFile} from 'node:fs/promises';
import type {Preprocess} from '@foveal/core';
import test from 'ava';
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
