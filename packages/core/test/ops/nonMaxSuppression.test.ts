import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {
  batchedNms,
  type NonMaxSuppressionOptions,
  nonMaxSuppression,
} from '../../src/ops/nonMaxSuppression.js';
import {Random} from '../../src/random.js';
import {
  closeTo,
  type Golden,
  golden,
  keepsOnlyResults,
  noFallbacks,
  registerOps,
  tensor,
  wrong,
} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

type Case = Golden<NonMaxSuppressionOptions, 'boxes' | 'scores' | 'categories', 'together' | 'apart'>;

for (const {name, options, inputs, outputs} of golden<Case>('nms')) {
  test(`torchvision keeps the same boxes: ${name}`, t => {
    const [boxes, scores] = [tensor<tf.Tensor2D>(inputs.boxes), tensor<tf.Tensor1D>(inputs.scores)];
    const categories = tensor<tf.Tensor1D>(inputs.categories, 'int32');
    const values = (indices: tf.Tensor) => Array.from(indices.dataSync());
    t.deepEqual(values(nonMaxSuppression(boxes, scores, options)), outputs.together.values);
    t.deepEqual(values(batchedNms(boxes, scores, categories, options)), outputs.apart.values);
  });
}

const boxes = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, 4]);
const kept = (...args: Parameters<typeof nonMaxSuppression>) =>
  Array.from(nonMaxSuppression(...args).dataSync());

test('a box exactly at the threshold stays, one above it goes', t => {
  const [one, half] = [
    [0, 0, 2, 2],
    [0, 0, 2, 1],
  ];
  const scores = tf.tensor1d([0.9, 0.8]);
  t.deepEqual(kept(boxes(one, half), scores, {iouThreshold: 0.5}), [0, 1]);
  t.deepEqual(kept(boxes(one, half), scores, {iouThreshold: 0.4999}), [0]);
});

test('equal scores keep their order', t => {
  const same = [0, 0, 2, 2];
  t.deepEqual(
    kept(boxes(same, same, [5, 5, 6, 6], same), tf.tensor1d([0, -0, 0.5, 0]), {iouThreshold: 0.5}),
    [2, 0],
  );
});

test('NaN and boxes without area harm nothing else', t => {
  const some = boxes(
    [0, 0, 2, 2],
    [0, 0, NaN, 2],
    [1, 1, 1, 1],
    [0, 0, 2, 2],
    [Infinity, 0, 2, 2],
    [2, 2, 0, 0],
  );
  const scores = tf.tensor1d([0.5, 0.9, 0.8, NaN, 0.7, 0.1]);
  t.deepEqual(kept(some, scores, {iouThreshold: 0.5}), [1, 2, 4, 0, 5]);
});

test('no boxes give no indices', t => {
  const [none, scores] = [tf.zeros<tf.Rank.R2>([0, 4]), tf.zeros<tf.Rank.R1>([0])];
  t.deepEqual(nonMaxSuppression(none, scores, {iouThreshold: 0.5}).shape, [0]);
  t.deepEqual(batchedNms(none, scores, tf.zeros([0], 'int32'), {iouThreshold: 0.5}).shape, [0]);
});

test('100,000 boxes are no trouble: apart they all stay, in heaps one of each', t => {
  const random = new Random(5);
  const count = 100_000;
  const corners = new Float32Array(4 * count);
  const categories = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const [x, y] = [10 * (i % 200), 10 * (Math.floor(i / 200) % 10)]; // 2000 places, each taken 50 times
    corners.set([x, y, x + 8, y + 8], 4 * i);
    categories[i] = Math.floor(i / 2000);
  }
  const [all, scores] = [
    tf.tensor2d(corners, [count, 4]),
    tf.tensor1d(Float32Array.from(categories, () => random.next())),
  ];
  const options = {iouThreshold: 0.5};
  t.is(nonMaxSuppression(all, scores, options).size, 2000);
  t.is(batchedNms(all, scores, tf.tensor1d(categories), options).size, count);
});

test('indices are constants to the gradient of what they choose', t => {
  const scores = tf.tensor1d([0.1, 0.9]);
  const f = (x: tf.Tensor) => {
    const chosen = nonMaxSuppression(x as tf.Tensor2D, scores, {iouThreshold: 0.5});
    return tf.sum(tf.gather(x, chosen));
  };
  const some = boxes([0, 0, 2, 2], [0, 0, 2, 2]);
  closeTo(t, tf.grad(f)(some), tf.tensor2d([0, 0, 0, 0, 1, 1, 1, 1], [2, 4]));
  keepsOnlyResults(t, () => nonMaxSuppression(some, scores, {iouThreshold: 0.5}));
});

test('errors say what was expected, what came and what to do', t => {
  const [some, scores] = [tf.zeros<tf.Rank.R2>([2, 4]), tf.zeros<tf.Rank.R1>([2])];
  t.throws(() => nonMaxSuppression(some, wrong([3]), {iouThreshold: 0.5}), {
    message: 'nonMaxSuppression: scores must have shape [K], got [3], but K is 2 in boxes.',
  });
  t.throws(() => batchedNms(some, scores, scores, {iouThreshold: 0.5}), {
    message: /categories must be int32/,
  });
  t.throws(() => nonMaxSuppression(some, scores, {iouThreshold: NaN}), {
    message: /a number in \[0, 1\], got NaN/,
  });
});
