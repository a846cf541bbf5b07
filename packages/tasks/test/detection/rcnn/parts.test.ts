import {readFileSync} from 'node:fs';
import {Random, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {HardNegativeSvm} from '../../../src/detection/rcnn/hardNegatives.js';
import {type SvmExample, svmScore, trainSvm} from '../../../src/detection/rcnn/linearSvm.js';
import {movesOf, negativesOf, regionExamples, windowsOf} from '../../../src/detection/rcnn/regionExamples.js';
import {ridgeRegression} from '../../../src/detection/rcnn/ridgeRegression.js';
import {warpRegions} from '../../../src/detection/rcnn/warpRegions.js';
import {flatImage, paint} from '../../support/shapeScenes.js';

test.before(async () => {
  await selectEngine();
});

interface GoldenArray {
  shape: [number, number];
  values: number[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../../fixtures/golden/rcnn.json', import.meta.url), 'utf8'),
) as {
  ridge: {lambda: number; x: GoldenArray; y: GoldenArray; weight: GoldenArray; bias: GoldenArray}[];
  svm: {
    cost: number;
    biasFeature: number;
    x: GoldenArray;
    signs: (1 | -1)[];
    weight: GoldenArray;
    bias: number;
    objective: number;
  };
};

const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) =>
  actual.length === expected.length &&
  Array.from(expected).every((value, i) => Math.abs(actual[i] - value) <= tolerance);

for (const {lambda, x, y, weight, bias} of golden.ridge) {
  test(`ridge regression of ${x.shape[0]} examples with ${x.shape[1]} features is PyTorch's solution`, async t => {
    const solution = await ridgeRegression(
      tf.tensor2d(x.values, x.shape),
      tf.tensor2d(y.values, y.shape),
      lambda,
    );
    t.deepEqual(solution.weight.shape, weight.shape);
    t.true(near(solution.weight.dataSync(), weight.values, 1e-5));
    t.true(near(solution.bias.dataSync(), bias.values, 1e-5));
  });
}

test('ridge regression says what it cannot do', async t => {
  const x = tf.zeros<tf.Rank.R2>([3, 2]);
  await t.throwsAsync(ridgeRegression(x, tf.zeros([3, 1]), 0), {message: /lambda must be above 0, got 0/});
  await t.throwsAsync(ridgeRegression(tf.zeros([0, 2]), tf.zeros([0, 1]), 1), {message: /no example/});
});

const example = (features: number[], sign: 1 | -1): SvmExample => ({
  features: Float32Array.from(features),
  sign,
  alpha: 0,
});

test('two points have the SVM of the widest margin', t => {
  // Without a bias, w with w · (2, 0) = 1 and w · (−2, 0) = −1 of least norm is (½, 0).
  const svm = trainSvm([example([2, 0], 1), example([-2, 0], -1)], {
    cost: 100,
    biasFeature: 0,
    random: new Random(1),
  });
  t.true(near(svm.weight, [0.5, 0], 1e-4));
  t.is(svm.bias, 0);
});

test('the bias and a shifted margin: points at 1 and 5 part at 3', t => {
  // 5 w + b = 1 and w + b = −1, both met: w = ½, b = −3/2.
  const svm = trainSvm([example([5], 1), example([1], -1)], {
    ...{cost: 1e6, biasFeature: 10, tolerance: 1e-6, passes: 20_000},
    random: new Random(1),
  });
  t.true(near([svm.weight[0], svm.bias], [0.5, -1.5], 1e-3), `${svm.weight[0]} ${svm.bias}`);
});

test("an SVM with overlapping classes is PyTorch's minimum", t => {
  const {x, signs, cost, biasFeature, weight, bias, objective} = golden.svm;
  const [n, d] = x.shape;
  const examples = signs.map((sign, i) => example(x.values.slice(i * d, (i + 1) * d), sign));
  const svm = trainSvm(examples, {cost, biasFeature, tolerance: 1e-6, random: new Random(1)});
  t.true(near(svm.weight, weight.values, 1e-3));
  t.true(Math.abs(svm.bias - bias) < 2e-3);
  const norm = svm.weight.reduce((sum, value) => sum + value ** 2, (svm.bias / biasFeature) ** 2);
  const missed = examples.reduce(
    (sum, {features, sign}) => sum + Math.max(0, 1 - sign * svmScore(svm, features)),
    0,
  );
  t.is(examples.length, n);
  t.true(Math.abs(norm / 2 + cost * missed - objective) < 1e-4);
});

test('hard negatives alone make the SVM that all negatives make, and few are held', t => {
  const random = new Random(5);
  const cloud = (count: number, x: number, y: number) =>
    Array.from({length: count}, () => Float32Array.of(x + random.normal(), y + random.normal()));
  const positives = cloud(40, 4, 4);
  const negatives = Array.from({length: 20}, () => cloud(100, -3 + 5 * random.next(), -3)).flat();
  const options = {cost: 0.1, biasFeature: 2, tolerance: 1e-5};
  const mined = new HardNegativeSvm(positives, {...options, random: new Random(1), retrainAfter: 150});
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < negatives.length; i += 100) {
      mined.offer(negatives.slice(i, i + 100).map((features, k) => ({id: `${i + k}`, features})));
    }
  }
  const svm = mined.result();
  const all = [
    ...positives.map(features => ({features, sign: 1 as const, alpha: 0})),
    ...negatives.map(features => ({features, sign: -1 as const, alpha: 0})),
  ];
  const exact = trainSvm(all, {...options, random: new Random(2)});
  t.true(near(svm.weight, exact.weight, 2e-3), `${svm.weight} ${exact.weight}`);
  t.true(Math.abs(svm.bias - exact.bias) < 5e-3);
  t.true(mined.size < 500, `${mined.size} held`);
  t.true(positives.every(features => svmScore(svm, features) > 0));
  t.true(negatives.filter(features => svmScore(svm, features) > 0).length < 10);
});

test('a warped region with no context is the resized box; with context the box fills all but its border', t => {
  const image = flatImage(40, 30, [0, 0, 0]);
  paint(image, [10, 5, 30, 15], [128, 64, 255]);
  const preprocess = {
    inputSize: [8, 8] as [number, number],
    color: 'bgr' as const,
    scale: 1,
    mean: [1, 2, 3],
    std: [2, 1, 1],
  };
  const boxes = Float32Array.of(10, 5, 30, 15);
  const whole = warpRegions(image, boxes, {preprocess, context: 0});
  t.deepEqual(whole.shape, [1, 8, 8, 3]);
  // Blue first: (255 − 1) / 2, then 64 − 2, then 128 − 3. The outermost cells lie wholly within, too.
  t.deepEqual([...whole.dataSync().slice(0, 3)], [127, 62, 125]);
  t.deepEqual([...whole.dataSync().slice(-3)], [127, 62, 125]);

  const framed = warpRegions(image, boxes, {preprocess, context: 2});
  const at = (y: number, x: number) => [...framed.slice([0, y, x, 0], [1, 1, 1, 3]).dataSync()];
  // The box is 4 × 4 of the 8 × 8; a cell is 5 × 2.5 pixels.
  t.deepEqual(at(2, 2), [127, 62, 125]);
  t.deepEqual(at(5, 5), [127, 62, 125]);
  t.deepEqual(at(1, 2), [-0.5, -2, -3]);
  t.deepEqual(at(2, 6), [-0.5, -2, -3]);
});

test('a ramp is warped to its value at each place, whatever its stretch', t => {
  const image = flatImage(30, 20, [0, 0, 0]);
  for (let y = 0; y < 20; y++)
    for (let x = 0; x < 30; x++) paint(image, [x, y, x + 1, y + 1], [8 * x, 10 * y, 0]);
  const preprocess = {
    inputSize: [10, 12] as [number, number],
    color: 'rgb' as const,
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
  const [left, top, width, height] = [4.3, 3.7, 17, 9];
  const boxes = Float32Array.of(left, top, left + width, top + height);
  const values = warpRegions(image, boxes, {preprocess, context: 2}).dataSync();
  const expected = Array.from({length: 10 * 12}, (_, i) => {
    const x = left + (((i % 12) + 0.5 - 2) * width) / 8;
    const y = top + ((Math.floor(i / 12) + 0.5 - 2) * height) / 6;
    return [8 * (x - 0.5), 10 * (y - 0.5), 0];
  });
  t.true(near(values, expected.flat(), 1e-3));
});

test('beyond the image a warped region is the mean', t => {
  const image = flatImage(10, 10, [50, 50, 50]);
  const preprocess = {
    inputSize: [6, 6] as [number, number],
    color: 'rgb' as const,
    scale: 1,
    mean: [9, 9, 9],
    std: [1, 1, 1],
  };
  const warped = warpRegions(image, Float32Array.of(0, 0, 10, 10), {preprocess, context: 1});
  const rows = warped.slice([0, 0, 0, 0], [1, 6, 6, 1]).dataSync();
  const expected = Array.from({length: 36}, (_, i) =>
    i % 6 === 0 || i % 6 === 5 || i < 6 || i >= 30 ? 0 : 41,
  );
  t.deepEqual([...rows], expected);
  t.throws(() => warpRegions(image, Float32Array.of(0, 0, 1, 1), {preprocess, context: 3}), {
    message: /leaves no room in an input of 6 × 6/,
  });
});

test('regions are examples by their overlap: from 0.5 for naming, below 0.3 against, above 0.6 for moving', t => {
  const objects = Float32Array.of(0, 0, 10, 10, 20, 0, 30, 10);
  const proposals = Float32Array.of(
    ...[0, 0, 10, 7], // 0.7 of the first
    ...[0, 0, 10, 5], // 0.5
    ...[0, 0, 10, 4], // 0.4
    ...[20, 0, 30, 2], // 0.2 of the second
    ...[50, 50, 60, 60], // none
  );
  const regions = regionExamples({boxes: objects, labels: Int32Array.of(1, 0)}, proposals);
  t.is(regions.objects, 2);
  t.deepEqual([...regions.matches], [0, 1, 0, 0, 0, 1, -1]);
  const {positive, background} = windowsOf(regions);
  t.deepEqual(positive, [
    {region: 0, label: 1},
    {region: 1, label: 0},
    {region: 2, label: 1},
    {region: 3, label: 1},
  ]);
  t.deepEqual(background, [4, 5, 6]);
  // Of category 1 only the first object counts.
  t.deepEqual(negativesOf(regions, 1), [5, 6]);
  t.deepEqual(negativesOf(regions, 0), [2, 3, 4, 5, 6]);
  t.deepEqual(movesOf(regions, 1), [
    {region: 0, object: 0},
    {region: 2, object: 0},
  ]);
});

test('crowds, difficult and empty objects are not learnt', t => {
  const boxes = Float32Array.of(0, 0, 4, 4, 5, 5, 9, 9, 3, 3, 3, 8, 6, 0, 9, 3);
  const labels = Int32Array.of(0, 0, 0, 0);
  const sample = {boxes, labels, crowd: Uint8Array.of(1, 0, 0, 0), difficult: Uint8Array.of(0, 1, 0, 0)};
  t.deepEqual([...regionExamples(sample, new Float32Array()).boxes], [6, 0, 9, 3]);
});
