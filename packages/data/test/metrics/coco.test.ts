import {type CocoDetection, type CocoTruth, cocoEval} from '@foveal/data';
import test from 'ava';

const categories = new Map([[3, 'cell']]);
const truth = (imageId: number, bbox: number[], crowd = false): CocoTruth => ({
  imageId,
  categoryId: 3,
  bbox,
  area: bbox[2] * bbox[3],
  crowd,
});
const found = (imageId: number, bbox: number[], score: number): CocoDetection => ({
  imageId,
  categoryId: 3,
  bbox,
  score,
  area: bbox[2] * bbox[3],
});
const near = (t: {true(value: boolean, message?: string): void}, actual: number, expected: number) =>
  t.true(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test('a perfect detector scores one, by the size of its objects', t => {
  const box = [10, 10, 50, 50]; // 2,500 square pixels: medium
  const scores = cocoEval([truth(1, box)], [found(1, box, 0.9)], {categories});
  t.like(scores, {AP: 1, AP50: 1, AP75: 1, APm: 1, AR1: 1, AR100: 1, APs: -1, APl: -1});
  t.deepEqual(scores.AP_per_category, {cell: 1});
});

test('a box with IoU 0.6 counts at three of the ten thresholds', t => {
  // 60 of 100 pixels shared, union 100: IoU 0.6, at thresholds 0.5, 0.55 and 0.6.
  const scores = cocoEval([truth(1, [0, 0, 10, 10])], [found(1, [0, 0, 10, 6], 0.9)], {categories});
  near(t, scores.AP50, 1);
  near(t, scores.AP75, 0);
  near(t, scores.AP, 0.3);
});

test('a wrong detection above a right one halves the precision', t => {
  const box = [0, 0, 40, 40];
  const scores = cocoEval([truth(1, box)], [found(1, [200, 200, 40, 40], 0.9), found(1, box, 0.5)], {
    categories,
  });
  near(t, scores.AP, 0.5);
  near(t, scores.AR1, 0);
  near(t, scores.AR10, 1);
});

// Two labels, the better found first, then a miss, then nothing: precision 1 up to recall 0.5, 0 beyond.
test('precision is sampled at 101 recall points', t => {
  const scores = cocoEval(
    [truth(1, [0, 0, 40, 40]), truth(2, [0, 0, 40, 40])],
    [found(1, [0, 0, 40, 40], 0.9)],
    {
      categories,
    },
  );
  near(t, scores.AP, 51 / 101);
  near(t, scores.AR100, 0.5);
});

test('each label is found once, and a second detection of it is wrong', t => {
  const box = [0, 0, 40, 40];
  const scores = cocoEval(
    [truth(1, box), truth(1, [300, 0, 40, 40])],
    [found(1, box, 0.9), found(1, box, 0.8), found(1, [300, 0, 40, 40], 0.7)],
    {categories},
  );
  near(t, scores.AP, (51 + 50 * (2 / 3)) / 101);
});

test('a crowd is never missed and forgives every detection inside it', t => {
  const box = [0, 0, 40, 40];
  const crowd = truth(1, [100, 0, 200, 200], true);
  const inside = [110, 10, 40, 40];
  const scores = cocoEval(
    [truth(1, box), crowd],
    [found(1, inside, 0.95), found(1, inside, 0.94), found(1, box, 0.9)],
    {
      categories,
    },
  );
  near(t, scores.AP, 1);
});

test('masks must be there when masks are scored', t => {
  const box = [0, 0, 4, 4];
  t.throws(() => cocoEval([truth(1, box)], [found(1, box, 1)], {categories, on: 'segm'}), {
    message: /label 0 of image 1 has none/,
  });
});
