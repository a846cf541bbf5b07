import {Random} from '@foveal/core';
import test from 'ava';
import type {Sample} from '../../src/sample.js';
import {colorJitter} from '../../src/transforms/colorJitter.js';
import {compose} from '../../src/transforms/compose.js';
import {mosaic} from '../../src/transforms/mosaic.js';
import {pad} from '../../src/transforms/pad.js';
import {randomAffine} from '../../src/transforms/randomAffine.js';
import {randomCrop} from '../../src/transforms/randomCrop.js';
import {randomErasing} from '../../src/transforms/randomErasing.js';
import {drawRegion, randomResizedCrop} from '../../src/transforms/randomResizedCrop.js';
import {resize} from '../../src/transforms/resize.js';
import {makeImage} from '../support.js';

const sample: Sample = {image: makeImage(40, 30, 3, () => 200), file: 'x'};

test('a random region keeps its share of the area and its shape', t => {
  const random = new Random(2);
  const shares: number[] = [];
  for (let i = 0; i < 500; i++) {
    const {left, top, width, height} = drawRegion(
      {width: 400, height: 300},
      random,
      [0.2, 0.6],
      [0.75, 4 / 3],
    );
    const share = (width * height) / 120_000;
    t.true(share > 0.195 && share < 0.605 && width / height > 0.74 && width / height < 1.35);
    t.true(left >= 0 && top >= 0 && left + width <= 400 && top + height <= 300);
    shares.push(share);
  }
  t.true(Math.min(...shares) < 0.22 && Math.max(...shares) > 0.58);
});

test('where no region fits, the centre of the nearest shape is taken', t => {
  const whole = [1, 1] as const;
  const centre = (width: number, height: number) =>
    drawRegion({width, height}, new Random(1), [0.9, 1], [0.75, 4 / 3]);
  t.deepEqual(centre(1000, 60), {left: 460, top: 0, width: 80, height: 60});
  t.deepEqual(centre(60, 1000), {left: 0, top: 460, width: 60, height: 80});
  const fits = drawRegion({width: 100, height: 100}, new Random(1), whole, whole);
  t.deepEqual(fits, {left: 0, top: 0, width: 100, height: 100});
});

test('an erased patch is a rectangle of the area asked for; the rest stays', t => {
  const random = new Random(6);
  for (let i = 0; i < 200; i++) {
    const {image} = randomErasing({probability: 1, fill: [1, 2, 3]})(sample, random);
    const erased: number[] = [];
    for (let p = 0; p < 1200; p++) {
      const pixel = [...image.data.subarray(3 * p, 3 * p + 3)];
      if (pixel[0] === 1) erased.push(p);
      t.true(pixel.join() === '1,2,3' || pixel.join() === '200,200,200');
    }
    const columns = new Set(erased.map(p => p % 40)).size;
    const rows = new Set(erased.map(p => Math.floor(p / 40))).size;
    t.is(columns * rows, erased.length);
    // Sides are rounded to whole pixels.
    t.true(erased.length > 0.02 * 1200 * 0.8 && erased.length < 0.33 * 1200 * 1.1, `${erased.length}`);
  }
  t.is(randomErasing({probability: 0})(sample, random), sample);
  const noisy = randomErasing({probability: 1, fill: 'noise'})(sample, random).image.data;
  t.true(new Set(noisy).size > 10);
});

test('jitter keeps within its factors, and nothing asked for is nothing done', t => {
  const random = new Random(6);
  const values = Array.from(
    {length: 300},
    () => colorJitter({brightness: 0.2})(sample, random).image.data[0],
  );
  t.true(Math.min(...values) >= 160 && Math.min(...values) < 164);
  t.true(Math.max(...values) <= 240 && Math.max(...values) > 236);
  t.is(colorJitter({})(sample, random), sample);
});

test('jitter applies its steps in every order', t => {
  const image = makeImage(4, 4, 3, (x, _y, c) => 60 * x + c);
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const jitter = colorJitter({brightness: [1.8, 1.8], contrast: [0.5, 0.5]});
    seen.add(jitter({image, file: 'x'}, new Random(seed)).image.data.join());
  }
  t.is(seen.size, 2);
});

test('a list of lengths gives each of them, and an image that has the size is not touched', t => {
  const random = new Random(4);
  const heights = Array.from(
    {length: 60},
    () => resize({shorter: [12, 15, 30]})(sample, random).image.height,
  );
  t.deepEqual([...new Set(heights)].sort(), [12, 15, 30]);
  t.is(resize({shorter: 30})(sample, random), sample);
  t.is(resize({size: [30, 40]})(sample, random), sample);
});

test('a transform in a chain sees what the one before made', t => {
  const chain = compose(pad({padding: 5}), randomCrop({size: [20, 60]}), resize({size: [8, 9]}));
  const {width, height} = chain(sample, new Random(1)).image;
  t.deepEqual([width, height], [9, 8]);
});

test('options that make no sense are refused before an image is read', t => {
  for (const [make, message] of [
    [() => randomCrop({size: [0, 3]}), /randomCrop: size must be whole pixels .* \[0, 3\]/],
    [() => resize({size: [3.5, 3]}), /resize: size .* \[3.5, 3\]/],
    [() => resize({shorter: []}), /resize: shorter must have one length or more/],
    [() => resize({shorter: [20, 40], longer: 30}), /longer \(30\) must not be less than shorter \(40\)/],
    [() => randomResizedCrop({size: 8, scale: [0.5, 0.1]}), /scale must be .* got \[0.5, 0.1\]/],
    [() => randomResizedCrop({size: 8, ratio: [0, 1]}), /ratio must be .* got \[0, 1\]/],
    [() => pad({padding: [1, 2, -1, 0]}), /padding must be whole pixels from 0 up, got \[1,2,-1,0\]/],
    [() => colorJitter({hue: 0.6}), /hue must be .* got \[-0.6, 0.6\]/],
    [() => colorJitter({contrast: -1}), /contrast must be/],
    [() => randomErasing({scale: [0.5, 1.5]}), /scale must be .* got \[0.5, 1.5\]/],
    [() => randomAffine({scale: [0, 1]}), /randomAffine: scale must be/],
    [() => mosaic({size: 3}), /mosaic: size must be 4 or more, got 3 × 3/],
  ] as const) {
    t.throws(make, {instanceOf: RangeError, message});
  }
});
