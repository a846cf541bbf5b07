import type {Image} from '@foveal/data';
import test from 'ava';
import sharp from 'sharp';
import {heatColor} from '../../src/draw/heatColors.js';
import {heatImage, heatOver, heatSized, photoShare} from '../../src/draw/heatImage.js';
import {panels} from '../../src/draw/panels.js';
import {signedImage, typicalMost} from '../../src/draw/signedImage.js';
import {boundsOf} from '../../src/explain/boundsOf.js';

/** Relative luminance by WCAG 2, without the two constants that do not matter here. */
const lightness = ([r, g, b]: number[]) => 0.2126 * r ** 2.2 + 0.7152 * g ** 2.2 + 0.0722 * b ** 2.2;

test('the colours of a map grow lighter with its values, so that they are read without seeing hues', t => {
  const shares = Array.from({length: 21}, (_, i) => i / 20);
  const light = shares.map(share => lightness(heatColor(share, 'high')));
  for (let i = 1; i < light.length; i++) t.true(light[i] > light[i - 1], `from ${shares[i - 1]}`);
  t.deepEqual(heatColor(0.5, 'signed'), [255, 255, 255]);
  t.true(heatColor(1, 'signed')[0] > 200 && heatColor(0, 'signed')[0] < 50, 'orange above, blue below');
});

test('values beyond the scale have its last colour, and a map of zeros its first', t => {
  const range = {scale: 'high' as const, most: 2};
  const {data} = heatImage({values: [0, 2, 5, -1], width: 4, height: 1}, range);
  const [first, last] = [heatColor(0, 'high'), heatColor(1, 'high')];
  t.deepEqual([...data], [...first, ...last, ...last, ...first]);
  const flat = heatImage({values: [0], width: 1, height: 1}, {scale: 'signed', most: 0});
  t.deepEqual([...flat.data], [255, 255, 255]);
});

test('a map over an image keeps a share of its grey, and grows to its size', async t => {
  const image: Image = {data: new Uint8Array(12).fill(100), width: 2, height: 2, channels: 3};
  const range = {scale: 'signed' as const, most: 1};
  const small = await heatSized({values: [0], width: 1, height: 1}, image, range);
  t.deepEqual([small.width, small.height, small.values.length], [2, 2, 4]);
  const expected = photoShare * 100 + (1 - photoShare) * 255;
  for (const value of heatOver(image, small, range).data)
    t.true(Math.abs(value - expected) < 2, String(value));
});

test('gradients have 0 in grey, red and blue in their places, and the few largest cut', t => {
  const size = {width: 1, height: 1, channels: 3} as const;
  t.deepEqual([...signedImage(new Float32Array([1, 0, -1]), size).data], [255, 128, 0]);
  t.deepEqual([...signedImage(new Float32Array([1, 0, -9]), size, {most: 1, bgr: true}).data], [0, 128, 255]);
  const values = new Float32Array(2000).fill(0);
  values.fill(-1, 0, 999);
  values[999] = 50;
  t.is(typicalMost(values), 1);
  t.is(typicalMost(new Float32Array(3)), 0);
});

test('the part of an image that is not 0', t => {
  const values = new Float32Array(4 * 3 * 2);
  values[(1 * 4 + 2) * 2 + 1] = -1;
  values[(2 * 4 + 1) * 2] = 1;
  t.deepEqual(boundsOf(values, {width: 4, height: 3, channels: 2 as 3}), {
    left: 1,
    top: 1,
    width: 2,
    height: 2,
  });
});

test('panels stand side by side, with room for a long title and for the bar', async t => {
  const image: Image = {data: new Uint8Array(30 * 30), width: 30, height: 30, channels: 1};
  const size = async (title: string, more = {}) =>
    sharp(await panels([{image, caption: 'one'}], {title, side: 90, ...more})).metadata();
  const short = await size('a');
  const long = await size('a title that is much longer than its only picture is wide');
  t.true(long.width > short.width + 200);
  const bar = await size('a', {range: {scale: 'high', most: 3, name: 'what it is'}});
  t.true(bar.width > short.width && bar.height > short.height);
});
