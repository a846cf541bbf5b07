import {Random} from '@foveal/core';
import test from 'ava';
import {compose} from '../../src/transforms/compose.js';
import {randomCrop} from '../../src/transforms/randomCrop.js';
import {randomFlip} from '../../src/transforms/randomFlip.js';
import {makeImage} from '../support.js';

const sample = {image: makeImage(5, 4, 3), label: 2, file: 'x'};
const before = sample.image.data.slice();
test.afterEach(t => t.deepEqual(sample.image.data, before, 'the sample given stays as it is'));

test('a flip mirrors columns, twice is none', t => {
  const flip = randomFlip({probability: 1});
  const once = flip(sample, new Random(1));
  for (const [x, y, c] of [
    [0, 0, 0],
    [4, 3, 2],
    [2, 1, 1],
  ]) {
    t.is(once.image.data[(y * 5 + x) * 3 + c], sample.image.data[(y * 5 + 4 - x) * 3 + c]);
  }
  t.deepEqual(flip(once, new Random(1)), sample);
  t.is(randomFlip({probability: 0})(sample, new Random(1)), sample);
});

test('a flip happens half of the time', t => {
  const random = new Random(5);
  const flips = Array.from({length: 1000}, () => randomFlip()(sample, random) !== sample).filter(
    Boolean,
  ).length;
  // Six standard deviations of a fair coin.
  t.true(Math.abs(flips - 500) < 95);
});

test('a crop shifts the image by each distance up to the padding, and fills the border', t => {
  const random = new Random(3);
  const seen = new Set<string>();
  for (let i = 0; i < 400; i++) {
    const {data} = randomCrop({padding: 2, fill: 9})(sample, random).image;
    const fits: string[] = [];
    for (let dx = -2; dx <= 2; dx++) {
      for (let dy = -2; dy <= 2; dy++) {
        const shifted = makeImage(5, 4, 3, (x, y, c) => {
          const [sx, sy] = [x + dx, y + dy];
          return sx < 0 || sy < 0 || sx >= 5 || sy >= 4 ? 9 : before[(sy * 5 + sx) * 3 + c];
        });
        if (Buffer.from(shifted.data).equals(data)) fits.push(`${dx} ${dy}`);
      }
    }
    t.is(fits.length, 1);
    seen.add(fits[0]);
  }
  t.is(seen.size, 25);
});

test('a padding larger than the image leaves only the fill or a part', t => {
  const random = new Random(3);
  for (let i = 0; i < 50; i++)
    t.is(randomCrop({padding: 20})(sample, random).image.data.length, before.length);
});

test('composed transforms draw from one stream, one after another', t => {
  const [crop, flip] = [randomCrop(), randomFlip()];
  const random = new Random(8);
  const expected = flip(crop(sample, random), random);
  t.deepEqual(compose(crop, flip)(sample, new Random(8)), expected);
});
