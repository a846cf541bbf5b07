import {gradCheck, selectEngine} from '@foveal/core';
import type {DetectionLayer, RegionLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {regionLoss} from '../../../src/detection/yolo/regionLoss.js';
import {type YoloLosses, yoloLoss} from '../../../src/detection/yolo/yoloLoss.js';
import {yoloV1Loss} from '../../../src/detection/yolo/yoloV1.js';
import {layer, noise, target} from './support.js';

test.before(() => selectEngine());

const input = [32, 48] as const;
const numbers = (losses: YoloLosses) =>
  Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, loss.dataSync()[0]])) as Record<
    keyof YoloLosses,
    number
  >;
const about = (value: number, expected: number) =>
  Math.abs(value - expected) < 1e-4 * Math.max(1, Math.abs(expected));

/** A grid of 2 × 3 cells of 16 pixels. */
const silent = () => tf.zeros<tf.Rank.R4>([2, 2, 3, 14]);

test('without objects, every box learns that it is none', t => {
  const losses = numbers(yoloLoss(silent(), [target([], []), target([], [])], layer, input));
  t.true(about(losses.object, 12 * Math.log(2)));
  t.deepEqual([losses.box, losses.category], [0, 0]);
  const first = numbers(yoloV1Loss(tf.ones([1, 12]), [target([], [])], v1, input));
  t.deepEqual(first, {box: 0, object: 0.5 * 2, category: 0});
});

test('an object is learnt by the anchor of its shape in the cell of its centre, and others that overlap it are left in peace', t => {
  // A box like anchor 1, in the middle of cell (1, 2): the silent network has exactly that box.
  const one = target([[40 - 15, 24 - 7.5, 40 + 15, 24 + 7.5]], [1]);
  const losses = numbers(yoloLoss(silent(), [one, target([], [])], layer, input));
  t.true(Math.abs(losses.box) < 1e-5);
  t.true(about(losses.category, (2 * Math.log(2)) / 2));
  t.true(about(losses.object, 12 * Math.log(2)));
  // The box beside it overlaps by (30 − 16) / (30 + 16) = 0.30: from there on it would be left in peace.
  const lenient = numbers(yoloLoss(silent(), [one, target([], [])], {...layer, ignoreThresh: 0.3}, input));
  t.true(about(lenient.object, 11.5 * Math.log(2)));
});

test('an object like another head’s anchor teaches this one only where it lies', t => {
  const large = target([[0, 0, 48, 32]], [0]);
  const {box, category} = numbers(yoloLoss(silent(), [large, target([], [])], layer, input));
  t.deepEqual([box, category], [0, 0]);
  const shared = numbers(yoloLoss(silent(), [large, target([], [])], {...layer, iouThresh: 0.2}, input));
  t.true(shared.box > 0.3 && shared.category > 0.5);
});

test('coordinates are compared in what the network says, twice as strictly for small objects', t => {
  const mse = {...layer, boxLoss: 'mse' as const, iouNormalizer: 1};
  const box = [32 + 4, 16 + 12, 20, 30]; // centre in cell (1, 2) at (0.25, 0.75), twice and 1.5 times anchor 0
  const one = target([[box[0] - 10, box[1] - 15, box[0] + 10, box[1] + 15]], [0]);
  const losses = numbers(yoloLoss(silent(), [one, target([], [])], mse, input));
  const scale = 2 - (20 * 30) / (32 * 48);
  const expected = scale * (2 * Math.log(2) + (Math.log(2) ** 2 + Math.log(1.5) ** 2) / 2);
  t.true(about(losses.box, expected / 2), `${losses.box}, expected ${expected / 2}`);
});

test('a box that learns two objects learns the categories of both, and each counts half', t => {
  const same = [40 - 15, 24 - 7.5, 40 + 15, 24 + 7.5];
  const values = silent().bufferSync();
  for (const c of [5, 6]) values.set(20, 0, 1, 2, 7 + c);
  const raw = values.toTensor() as tf.Tensor4D;
  const both = numbers(yoloLoss(raw, [target([same, same], [0, 1]), target([], [])], layer, input));
  t.true(Math.abs(both.category) < 1e-5);
  const one = numbers(yoloLoss(raw, [target([same], [0]), target([], [])], layer, input));
  t.true(about(one.category, 20 / 2));
});

test('boxes without area, or outside, teach nothing and break nothing', t => {
  const bad = target(
    [
      [5, 5, 5, 5],
      [-40, -40, -20, -20],
    ],
    [0, 1],
  );
  const raw = noise<tf.Rank.R4>([1, 2, 3, 14]);
  const losses = numbers(yoloLoss(raw, [bad], layer, input));
  t.true(Object.values(losses).every(Number.isFinite));
});

test('losses stay finite, and so do their gradients, for a network that is far off', t => {
  const far = tf.mul(noise<tf.Rank.R4>([1, 2, 3, 14]), 1e4) as tf.Tensor4D;
  const one = [target([[3, 4, 21, 30]], [1])];
  const total = (x: tf.Tensor) => tf.addN(Object.values(yoloLoss(x as tf.Tensor4D, one, layer, input)));
  t.true(tf.grad(total)(far).dataSync().every(Number.isFinite));
});

const region: RegionLayer = {
  type: 'region',
  line: 1,
  classes: 2,
  anchors: [
    [1, 2],
    [2, 1],
  ],
  softmax: true,
  biasMatch: true,
  rescore: false,
  thresh: 0.6,
  objectScale: 5,
  noObjectScale: 1,
  classScale: 1,
  coordScale: 1,
};

const v1: DetectionLayer = {
  type: 'detection',
  line: 1,
  classes: 2,
  side: 1,
  num: 2,
  sqrt: true,
  softmax: false,
  rescore: false,
  objectScale: 1,
  noObjectScale: 0.5,
  classScale: 1,
  coordScale: 5,
};

/** Two objects in a grid of 1 × 2 cells of 16 pixels. */
const objects = () => [
  target(
    [
      [2, -1, 11.3, 15],
      [15.2, 3, 31, 13.1],
    ],
    [1, 0],
  ),
];
const small = [16, 32] as const;

// CIoU is left to core: it holds the weight of its last term, which differences see move.
const sums: [string, number[], (x: tf.Tensor4D) => YoloLosses][] = [
  ['diou', [1, 1, 2, 14], x => yoloLoss(x, objects(), {...layer, boxLoss: 'diou'}, small)],
  [
    'giou, several anchors, smoothed labels',
    [1, 1, 2, 14],
    x => yoloLoss(x, objects(), {...layer, boxLoss: 'giou', iouThresh: 0.1, labelSmoothing: 0.1}, small),
  ],
  [
    'mse with scale_x_y',
    [1, 1, 2, 14],
    x => yoloLoss(x, objects(), {...layer, boxLoss: 'mse', scaleXY: 1.1}, small),
  ],
  ['region', [1, 1, 2, 14], x => regionLoss(x, objects(), region, small)],
  ['version 1', [1, 1, 1, 12], x => yoloV1Loss(x, objects(), v1, small)],
];

for (const [name, shape, losses] of sums) {
  test(`the gradient matches central differences: ${name}`, t => {
    const total = (x: tf.Tensor4D) => tf.addN(Object.values(losses(x)));
    const raw = noise<tf.Rank.R4>(shape as [number, number, number, number], 3);
    const report = gradCheck(total, raw, {tolerance: 2e-3});
    t.true(report.passed, report.message);
  });
}

test('a region head learns the overlap as its confidence, and one category by a softmax', t => {
  const one = target([[40 - 16, 24 - 8, 40 + 16, 24 + 8]], [1]); // like anchor 1, in the middle of cell (1, 2)
  const none = target([], []);
  const losses = numbers(regionLoss(silent(), [one, none], {...region, rescore: true}, input));
  // The box itself fits exactly, so its confidence should be 1; the 23 others overlap by less than 0.6.
  t.true(about(losses.object, ((5 + 23) * Math.log(2)) / 2));
  t.true(about(losses.category, Math.log(2) / 2));
  const scale = 2 - (32 * 16) / (32 * 48);
  t.true(about(losses.box, (scale * 2 * Math.log(2)) / 2));
});

test('version 1 learns the better of a cell’s boxes by roots, as equation 3 says', t => {
  const head = {...v1, side: 2, rescore: true};
  const values = new Float32Array(48);
  values.set([0.2, 0.8], 3 * 2);
  values.set([0.5, 0.25], 8 + 3 * 2);
  values.set([0.1, 0.1], 8); // two boxes of cell 0, where there is nothing
  values.set([0.5, 0.25, 0.5, 0.9], 16 + (3 * 2 + 1) * 4);
  const raw = tf.tensor2d(values, [1, 48]);
  // Cell 3 is the lower right: centre (150, 62.5), a quarter of the width, all of the height.
  const one = target([[125, 12.5, 175, 112.5]], [1]);
  const losses = numbers(yoloV1Loss(raw, [one], head, [100, 200]));
  const overlap = 0.81;
  t.true(about(losses.box, 5 * 0.1 ** 2), `box ${losses.box}`);
  t.true(
    about(losses.object, (0.25 - overlap) ** 2 + 0.5 * (0.5 ** 2 + 2 * 0.1 ** 2)),
    `object ${losses.object}`,
  );
  t.true(about(losses.category, 0.2 ** 2 + 0.2 ** 2), `category ${losses.category}`);
});

test('losses leave nothing behind but themselves', t => {
  const raw = noise<tf.Rank.R4>([1, 2, 3, 14]);
  const given = objects();
  const before = tf.memory().numTensors;
  const losses = yoloLoss(raw, given, layer, input);
  t.is(tf.memory().numTensors, before + 3);
  tf.dispose(losses);
});
