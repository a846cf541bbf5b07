import {readFileSync} from 'node:fs';
import {selectEngine} from '@foveal/core';
import test from 'ava';
import {letterbox} from '../../../src/detection/yolo/letterbox.js';
import {resizeLikeOpenCv} from '../../../src/detection/yolo/resizeLikeOpenCv.js';
import {wholeImage} from '../../../src/detection/yolo/wholeImage.js';

interface Golden {
  from: [number, number];
  to: [number, number];
  values: number[];
}

/** `noise('image')` of fixtures/generate_models.py as bytes. */
function image(height: number, width: number) {
  let state = 2166136261;
  for (const byte of new TextEncoder().encode('image')) state = Math.imul(state ^ byte, 16777619) >>> 0;
  const data = new Uint8Array(height * width * 3).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(((state >>> 8) / 2 ** 23) * 128);
  });
  return {data, height, width, channels: 3} as const;
}

test.before(() => selectEngine());

for (const {from, to, values} of JSON.parse(
  readFileSync(new URL('../../../../../fixtures/golden/opencv_resize.json', import.meta.url), 'utf8'),
) as Golden[]) {
  test(`${from.join(' × ')} pixels become ${to.join(' × ')} as in OpenCV, to the bit`, t => {
    t.deepEqual([...resizeLikeOpenCv(image(...from), to).data], values);
  });
}

test('a whole image is stretched, and its placement leads back', t => {
  const grey = {data: new Uint8Array(6).fill(51), width: 3, height: 2, channels: 1} as const;
  const {images, placements} = wholeImage([4, 9]).toInput([image(8, 3), grey]);
  t.deepEqual(images.shape, [2, 4, 9, 3]);
  t.deepEqual(placements, [
    {size: [8, 3], scale: [0.5, 3], offset: [0, 0]},
    {size: [2, 3], scale: [2, 3], offset: [0, 0]},
  ]);
  t.true(
    images
      .dataSync()
      .slice(-4 * 9 * 3)
      .every(value => Math.abs(value - 0.2) < 1e-6),
  );
});

test('a letterboxed image keeps its shape, with grey beside it', t => {
  const white = {data: new Uint8Array(8 * 4 * 3).fill(255), width: 4, height: 8, channels: 3} as const;
  const {images, placements} = letterbox([4, 8]).toInput([white]);
  t.deepEqual(placements, [{size: [8, 4], scale: [0.5, 0.5], offset: [0, 3]}]);
  const row = [...images.dataSync().slice(0, 24)];
  t.deepEqual(row, [...new Array(9).fill(0.5), ...new Array(6).fill(1), ...new Array(9).fill(0.5)]);
});
