import {rleFromMask} from '@foveal/core';
import {checkSample, DatasetError, type Sample} from '@foveal/data';
import test from 'ava';
import {makeImage} from './support.js';

const good: Sample = {
  image: makeImage(4, 3, 1),
  label: 1,
  boxes: Float32Array.of(0, 0, 2, 2, -1, -1, 5, 4),
  labels: Int32Array.of(0, 1),
  crowd: new Uint8Array(2),
  difficult: new Uint8Array(2),
  masks: [rleFromMask(new Uint8Array(12), 3, 4), rleFromMask(new Uint8Array(12), 3, 4)],
  classMap: new Uint8Array(12).fill(255, 6),
  file: 'a.png',
};

test('a sample may have everything, boxes up to a pixel outside, and nothing but an image', t => {
  t.notThrows(() => checkSample(good, 2));
  t.notThrows(() => checkSample({image: good.image, file: 'a.png'}, 0));
  t.notThrows(() =>
    checkSample({...good, boxes: new Float32Array(0), labels: new Int32Array(0), ...none}, 2),
  );
  t.notThrows(() => checkSample({...good, classMap: new Uint16Array(12).fill(65_535)}, 300));
});
const none = {crowd: new Uint8Array(0), difficult: new Uint8Array(0), masks: []};

const bad: [string, Partial<Sample>, RegExp][] = [
  ['bytes missing', {image: {...good.image, width: 5}}, /expected 15 bytes for 5 × 3 × 1, got 12/],
  ['a label too high', {label: 2}, /the image: expected a label from 0 to 1, got 2/],
  ['an object of no category', {labels: Int32Array.of(0, -1)}, /object 1: expected a label from 0 to 1/],
  [
    'a box that is not finite',
    {boxes: Float32Array.of(0, 0, 2, 2, 0, 0, Number.NaN, 2)},
    /object 1: .*finite/,
  ],
  ['a box without width', {boxes: Float32Array.of(2, 0, 2, 2, 0, 0, 1, 1)}, /object 0: .*x1 < x2/],
  [
    'a box outside',
    {boxes: Float32Array.of(0, 0, 6, 2, 0, 0, 1, 1)},
    /object 0: .*lies 2 pixels outside .* 4 × 3/,
  ],
  ['too few boxes', {boxes: Float32Array.of(0, 0, 1, 1)}, /boxes must have 8 values for 2 objects, got 4/],
  ['too few flags', {crowd: new Uint8Array(1)}, /crowd must have 2 values/],
  [
    'a mask of another size',
    {masks: [rleFromMask([0], 1, 1), rleFromMask([0], 1, 1)]},
    /object 0: its mask is 1 × 1/,
  ],
  [
    'a class map of another size',
    {classMap: new Uint8Array(11)},
    /expected a class for each of 4 × 3 pixels, got 11/,
  ],
  [
    'a pixel of no category',
    {classMap: new Uint8Array(12).fill(2, 5, 6)},
    /pixel \(1, 1\): expected a class from 0 to 1, or 255, got 2/,
  ],
];
for (const [what, change, message] of bad) {
  test(`${what} is refused by file and place`, t => {
    const error = t.throws(() => checkSample({...good, ...change}, 2), {instanceOf: DatasetError, message});
    t.is(error.file, 'a.png');
  });
}
