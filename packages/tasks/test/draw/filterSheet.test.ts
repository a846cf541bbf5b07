import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import sharp from 'sharp';
import {filterSheet} from '../../src/draw/filterSheet.js';

test.before(async () => {
  await selectEngine();
});

/** The colours in a sheet with one filter of one pixel, or of some. */
async function colours(filters: tf.Tensor4D, options = {}): Promise<Set<string>> {
  const {data, info} = await sharp(await filterSheet(filters, options))
    .removeAlpha()
    .raw()
    .toBuffer({resolveWithObject: true});
  const seen = new Set<string>();
  for (let i = 0; i < data.length; i += info.channels) seen.add([...data.subarray(i, i + 3)].join());
  return seen;
}

test('0 is grey, the largest weight white, its opposite black; colours stay', async t => {
  const grey = await colours(tf.tensor4d([0, 2, -2, 1], [1, 2, 2, 1]));
  for (const value of [128, 255, 0, 191]) t.true(grey.has([value, value, value].join()), String(value));
  const filters = tf.tensor4d([1, 0, -1], [1, 1, 1, 3]);
  t.true((await colours(filters)).has('255,128,0'));
  t.true((await colours(filters, {bgr: true})).has('0,128,255'));
});

test('each filter has its own scale, or all have one', async t => {
  const filters = tf.tensor4d([0.5, 2], [2, 1, 1, 1]);
  t.false((await colours(filters)).has('159,159,159'));
  t.true((await colours(filters, {scale: 'all'})).has('159,159,159'));
});

test('filters that no eye can see, and labels that are too few, are refused', async t => {
  await t.throwsAsync(filterSheet(tf.ones([2, 3, 3, 16])), {message: /1 or 3 channels.*\[2,3,3,16\]/});
  await t.throwsAsync(filterSheet(tf.ones([2, 3, 3, 1]), {labels: ['a']}), {
    message: /2 filters need as many/,
  });
});
