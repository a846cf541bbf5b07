import {join} from 'node:path';
import {rleToMask} from '@foveal/core';
import {AnnotationError, DatasetError, indexMasks, instanceMasks} from '@foveal/data';
import test from 'ava';
import {filesIn, png} from '../files.js';
import {encode} from '../support.js';

const grey = (values: number[], width = 3, height = 2) => png(values, {width, height, colorType: 0});

async function files() {
  return {
    'n1/images/n1.png': await encode('png', 3, 2),
    'n1/masks/a.png': grey([255, 255, 0, 0, 0, 0]),
    'n1/masks/b.png': grey([0, 0, 0, 0, 1, 1]),
    'n2/images/n2.png': await encode('png', 3, 2),
    'n2/masks/a.png': png(
      [0, 0, 0, 255, 0, 9, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255],
      {width: 3, height: 2, colorType: 6},
    ),
  };
}

test('each PNG is an object with its tight box', async t => {
  const dataset = await instanceMasks(await filesIn(t, await files()), {category: 'nucleus'});
  t.is(dataset.length, 2);
  t.deepEqual(dataset.categories, ['nucleus']);
  const sample = await dataset.get(0);
  t.deepEqual(sample.boxes, Float32Array.of(0, 0, 2, 1, 1, 1, 3, 2));
  t.deepEqual(sample.labels, Int32Array.of(0, 0));
  t.deepEqual(
    sample.masks?.map(mask => Array.from(rleToMask(mask))),
    [
      [1, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, 1, 1],
    ],
  );
  // Colours count, alpha does not.
  t.deepEqual((await dataset.get(1)).boxes, Float32Array.of(1, 0, 2, 1));
});

test('a list chooses', async t => {
  const folder = await filesIn(t, {...(await files()), 'list.txt': 'n2\n'});
  const dataset = await instanceMasks(folder, {list: join(folder, 'list.txt')});
  t.is(dataset.length, 1);
});

test('folders without an image, with two, or without masks are refused, or left out', async t => {
  const folder = await filesIn(t, {
    ...(await files()),
    'n3/masks/a.png': grey([1, 0, 0, 0, 0, 0]),
    'n4/images/1.png': '',
    'n4/images/2.png': '',
    'n5/images/1.png': '',
  });
  const error = await t.throwsAsync<AnnotationError>(instanceMasks(folder), {
    instanceOf: AnnotationError,
    message: /n3: images: expected one image, found 0.*n4: images: .*found 2.*n5: masks: expected a PNG/s,
  });
  t.is(error?.problems.length, 3);
  t.is((await instanceMasks(folder, {fix: true})).length, 2);
  await t.throwsAsync(instanceMasks(join(folder, 'n1')), {message: /found 0/});
  await t.throwsAsync(instanceMasks('/nowhere'), {instanceOf: DatasetError, message: /no such folder/});
});

test('an empty mask is refused by name, or left out', async t => {
  const folder = await filesIn(t, {...(await files()), 'n1/masks/b.png': grey([0, 0, 0, 0, 0, 0])});
  await t.throwsAsync((await instanceMasks(folder)).get(0), {
    instanceOf: DatasetError,
    message: /b\.png: the mask is empty/,
  });
  t.is((await (await instanceMasks(folder, {fix: true})).get(0)).masks?.length, 1);
});

test('a mask of another size is refused by name', async t => {
  const folder = await filesIn(t, {...(await files()), 'n1/masks/b.png': grey([1, 1], 2, 1)});
  await t.throwsAsync((await instanceMasks(folder)).get(0), {
    message: /b\.png: the mask is 2 × 1, but its image 3 × 2/,
  });
});

const indexed = async (mask: Buffer) => ({
  'images/p.png': await encode('png', 3, 2),
  'masks/p_mask.png': mask,
});
const openIndexed = (folder: string) =>
  indexMasks(join(folder, 'images'), {masks: join(folder, 'masks'), suffix: '_mask', category: 'person'});

test('each value of a mask is an object, by rising values, at 8 and 16 bits', async t => {
  const values = [7, 7, 0, 0, 2, 0];
  for (const mask of [
    grey(values),
    png(
      values.map(value => value * 300),
      {width: 3, height: 2, colorType: 0, depth: 16},
    ),
  ]) {
    const dataset = await openIndexed(await filesIn(t, await indexed(mask)));
    const sample = await dataset.get(0);
    t.deepEqual(dataset.categories, ['person']);
    t.deepEqual(sample.boxes, Float32Array.of(1, 1, 2, 2, 0, 0, 2, 1));
    t.is(sample.masks?.length, 2);
  }
});

test('a mask of background alone has no objects', async t => {
  const dataset = await openIndexed(await filesIn(t, await indexed(grey([0, 0, 0, 0, 0, 0]))));
  t.deepEqual((await dataset.get(0)).boxes, new Float32Array(0));
});

test('masks in colours, of another size, and without an image are refused', async t => {
  const rgb = png(new Array(18).fill(1), {width: 3, height: 2, colorType: 2});
  const inColors = await openIndexed(await filesIn(t, await indexed(rgb)));
  await t.throwsAsync(inColors.get(0), {message: /p_mask\.png: a mask in colours/});
  const small = await openIndexed(await filesIn(t, await indexed(grey([0], 1, 1))));
  await t.throwsAsync(small.get(0), {message: /p_mask\.png: the mask is 1 × 1, but its image 3 × 2/});
  const folder = await filesIn(t, {...(await indexed(rgb)), 'masks/q_mask.png': rgb, 'masks/p.png': rgb});
  await t.throwsAsync(openIndexed(folder), {
    instanceOf: AnnotationError,
    message: /2 problems.*q_mask\.png: no image for it/s,
  });
});
