import {type VocDetections, type VocTruths, vocAp} from '@foveal/data';
import test from 'ava';

const categories = ['cell'];
/** Objects as `[image, x1, y1, x2, y2]`. */
const truths = (rows: number[][], difficult?: number[]): VocTruths => ({
  images: Int32Array.from(rows, ([image]) => image),
  boxes: Float32Array.from(rows.flatMap(([, ...box]) => box)),
  labels: new Int32Array(rows.length),
  ...(difficult && {difficult: Uint8Array.from(difficult)}),
});
/** Detections as `[score, image, x1, y1, x2, y2]`. */
const found = (rows: number[][]): VocDetections => ({
  ...truths(rows.map(([, ...rest]) => rest)),
  scores: Float32Array.from(rows, ([score]) => score),
});
const near = (t: {true(value: boolean, message?: string): void}, actual: number | null, expected: number) =>
  t.true(actual !== null && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

const two = truths([
  [0, 0, 0, 10, 10],
  [1, 0, 0, 10, 10],
]);
/** Right, wrong, right: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1. */
const mixed = found([
  [0.9, 0, 0, 0, 10, 10],
  [0.8, 0, 50, 50, 60, 60],
  [0.7, 1, 0, 0, 10, 10],
]);

test('the area lies under the best precision at each recall or beyond', t => {
  const scores = vocAp(two, mixed, {categories});
  near(t, scores.mAP, 1 / 2 + (1 / 2) * (2 / 3));
  t.deepEqual(scores.categories['cell'].precision, [1, 1 / 2, 2 / 3]);
  t.deepEqual(scores.categories['cell'].recall, [1 / 2, 1 / 2, 1]);
  t.is(scores.categories['cell'].positives, 2);
});

test('a precision that rises later counts before', t => {
  // Wrong, right, right: precision 0, 1/2, 2/3 at recall 0, 1/2, 1.
  const rising = found([
    [0.9, 0, 50, 50, 60, 60],
    [0.8, 0, 0, 0, 10, 10],
    [0.7, 1, 0, 0, 10, 10],
  ]);
  near(t, vocAp(two, rising, {categories}).mAP, 2 / 3);
  near(t, vocAp(two, rising, {categories, rule: '2007'}).mAP, 2 / 3);
});

test('the rule of 2007 takes the mean at eleven recalls', t => {
  // Recalls 0 to 0.5 see precision 1, the five beyond 2/3.
  near(t, vocAp(two, mixed, {categories, rule: '2007'}).mAP, (6 + 5 * (2 / 3)) / 11);
});

test('a recall of three tenths reaches the point 0.3, though 3 · 0.1 is more than 0.3', t => {
  const ten = truths(Array.from({length: 10}, (_, image) => [image, 0, 0, 10, 10]));
  const three = found(Array.from({length: 3}, (_, image) => [0.9 - image / 10, image, 0, 0, 10, 10]));
  near(t, vocAp(ten, three, {categories, rule: '2007'}).mAP, 4 / 11);
});

test('difficult objects count neither when found nor when missed', t => {
  const labelled = truths(
    [
      [0, 0, 0, 10, 10],
      [0, 50, 50, 60, 60],
      [0, 90, 90, 99, 99],
    ],
    [0, 1, 1],
  );
  const detections = found([
    [0.9, 0, 50, 50, 60, 60],
    [0.8, 0, 50, 50, 60, 60],
    [0.7, 0, 0, 0, 10, 10],
  ]);
  const scores = vocAp(labelled, detections, {categories});
  t.is(scores.mAP, 1);
  t.is(scores.categories['cell'].positives, 1);
});

test('an object is found once: the next detection of it is wrong', t => {
  const once = truths([[0, 0, 0, 10, 10]]);
  const twice = found([
    [0.8, 0, 0, 0, 10, 9],
    [0.9, 0, 0, 0, 10, 8],
  ]);
  const {precision, AP} = vocAp(once, twice, {categories}).categories['cell'];
  t.deepEqual(precision, [1, 1 / 2]);
  t.is(AP, 1);
});

test('an overlap of exactly the threshold counts, a smaller one and another image do not', t => {
  const once = truths([[0, 0, 0, 10, 10]]);
  const score = (row: number[]) => vocAp(once, found([[1, ...row]]), {categories}).mAP;
  t.is(score([0, 0, 0, 10, 5]), 1);
  t.is(score([0, 0, 0, 10, 4.9]), 0);
  t.is(score([1, 0, 0, 10, 10]), 0);
});

test('a detection takes what it overlaps most, also if that is already found', t => {
  const pair = truths([
    [0, 0, 0, 10, 10],
    [0, 0, 0, 10, 14],
  ]);
  const detections = found([
    [0.9, 0, 0, 0, 10, 10],
    [0.8, 0, 0, 0, 10, 11],
  ]);
  t.deepEqual(vocAp(pair, detections, {categories}).categories['cell'].precision, [1, 1 / 2]);
});

test('categories without objects are null, and the mean leaves them out', t => {
  const scores = vocAp(two, mixed, {categories: ['cell', 'none']});
  t.is(scores.categories['none'].AP, null);
  near(t, scores.mAP, 5 / 6);
  t.is(vocAp(truths([]), found([]), {categories}).mAP, null);
});

test('arrays of different lengths are refused', t => {
  t.throws(() => vocAp(two, {...mixed, scores: new Float32Array(2)}, {categories}), {
    instanceOf: RangeError,
    message: /detections must have one image, box, label/,
  });
});
