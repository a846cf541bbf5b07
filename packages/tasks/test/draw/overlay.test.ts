import {rleFromMask} from '@foveal/core';
import test from 'ava';
import sharp from 'sharp';
import {categoryColor, inkOn, rgbOf} from '../../src/draw/categoryColor.js';
import {overlay} from '../../src/draw/overlay.js';
import {palette} from '../../src/draw/palette.js';
import {placeTags} from '../../src/draw/placeTags.js';

const image = (width: number, height: number) => ({
  data: new Uint8Array(width * height * 3),
  width,
  height,
  channels: 3 as const,
});

async function pixels(png: Buffer) {
  const {data, info} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
  return {info, at: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3).subarray(0, 3)]};
}

test('a box stands where it is, at any size of the image', async t => {
  for (const [width, height] of [
    [10, 8],
    [4000, 3200],
  ]) {
    const boxes = Float32Array.of(0.2 * width, 0.25 * height, 0.8 * width, 0.75 * height);
    const png = await overlay(
      image(width, height),
      {boxes, labels: Int32Array.of(0)},
      {categories: ['a', 'b'], size: 500, tags: false},
    );
    const {info, at} = await pixels(png);
    t.deepEqual([info.width, info.height], [500, 400]);
    t.deepEqual(at(100, 200), rgbOf(categoryColor(0)));
    t.deepEqual(at(400, 200), rgbOf(categoryColor(0)));
    t.deepEqual(at(250, 200), [0, 0, 0]);
  }
});

test('a mask tints its pixels only, and its edge is of full colour', async t => {
  const mask = Uint8Array.from({length: 100}, (_, i) => Number(i % 10 < 5));
  const png = await overlay(
    image(10, 10),
    {boxes: new Float32Array(), masks: [rleFromMask(mask, 10, 10)]},
    {categories: ['a'], size: 100, tags: false},
  );
  const {at} = await pixels(png);
  t.deepEqual(at(75, 50), [0, 0, 0]);
  t.true(at(25, 50)[2] > 30);
});

test('pixels that do not count stay as they are', async t => {
  const classMap = Uint8Array.of(0, 255, 1, 1);
  const png = await overlay(image(2, 2), {classMap}, {categories: ['a', 'b'], size: 100, tags: false});
  const {at} = await pixels(png);
  t.deepEqual(at(75, 25), [0, 0, 0]);
  t.true(at(25, 25)[2] > at(25, 25)[0]);
  t.true(at(25, 75)[0] > at(25, 75)[2]);
});

test('no tag lies on another or outside the picture; one without room is left out', t => {
  const picture = {width: 100, height: 60};
  const boxes = Array.from({length: 30}, (_, i) => ({
    x: (i * 7) % 60,
    y: (i * 5) % 40,
    width: 30,
    height: 15,
  }));
  const tags = boxes.map(() => ({width: 25, height: 10}));
  const corners = placeTags(boxes, tags, picture).flatMap(corner => (corner ? [corner] : []));
  t.true(corners.length > 5 && corners.length < 30);
  for (const [i, a] of corners.entries()) {
    t.true(a.x >= 0 && a.y >= 0 && a.x + 25 <= 100 && a.y + 10 <= 60);
    for (const b of corners.slice(i + 1)) {
      t.false(a.x < b.x + 25 && b.x < a.x + 25 && a.y < b.y + 10 && b.y < a.y + 10);
    }
  }
  t.deepEqual(placeTags([boxes[0]], [{width: 200, height: 10}], picture), [undefined]);
});

test('thirty categories have colours of their own, and ink that can be read on each', t => {
  const colors = Array.from({length: 30}, (_, i) => categoryColor(i));
  t.is(new Set(colors).size, 30);
  const luminance = (color: string) =>
    rgbOf(color)
      .map(v => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  for (const color of colors) {
    const [a, b] = [luminance(color), luminance(inkOn(color))].sort((x, y) => y - x);
    t.true((a + 0.05) / (b + 0.05) > 4, color);
  }
  t.is(inkOn('#ffffff'), palette.ink);
});
