import {Random} from '@foveal/core';
import test from 'ava';
import {kMeansAnchors} from '../../../src/detection/yolo/kMeansAnchors.js';

test('clusters of like boxes become one anchor each, the smallest first', t => {
  const around = (width: number, height: number) =>
    [-0.1, 0, 0.1].map((d): [number, number] => [width * (1 + d), height * (1 - d)]);
  const boxes = [...around(100, 100), ...around(10, 20), ...around(60, 20)];
  for (const seed of [1, 2, 3]) {
    const {anchors, meanIou} = kMeansAnchors(boxes, {count: 3, random: new Random(seed)});
    t.deepEqual(
      anchors.map(anchor => anchor.map(Math.round)),
      [
        [10, 20],
        [60, 20],
        [100, 100],
      ],
    );
    t.true(meanIou > 0.85 && meanIou < 1);
  }
});

test('distance is overlap: doubling every box doubles the anchors and changes nothing else', t => {
  const random = new Random(5);
  const boxes = Array.from({length: 60}, (): [number, number] => [
    1 + 40 * random.next(),
    1 + 40 * random.next(),
  ]);
  const small = kMeansAnchors(boxes, {count: 4});
  const large = kMeansAnchors(
    boxes.map(([w, h]) => [2 * w, 2 * h] as const),
    {count: 4},
  );
  t.is(large.meanIou, small.meanIou);
  t.deepEqual(
    large.anchors,
    small.anchors.map(([w, h]) => [2 * w, 2 * h]),
  );
});

test('as many anchors as boxes fit exactly; more are refused, and boxes without area do not count', t => {
  const boxes = [
    [3, 4],
    [5, 5],
    [0, 9],
  ] as const;
  t.is(kMeansAnchors(boxes, {count: 2}).meanIou, 1);
  t.throws(() => kMeansAnchors(boxes, {count: 3}), {message: /from 1 to 2, the boxes with an area; got 3/});
});
