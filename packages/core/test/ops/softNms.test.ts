import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {boxIou} from '../../src/ops/boxIou.js';
import {softNms} from '../../src/ops/softNms.js';
import {Random} from '../../src/random.js';
import {closeTo, keepsOnlyResults, noFallbacks, registerOps, wrong} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

const boxes = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, 4]);
const integers = (...values: number[]) => tf.tensor1d(values, 'int32');

// The second overlaps the first by a half, the third neither.
const three = [
  [0, 0, 2, 2],
  [0, 0, 2, 1],
  [5, 5, 6, 6],
];

test('the scores of overlapping boxes fall as the paper says', t => {
  const scores = tf.tensor1d([0.9, 0.8, 0.6]);
  const gaussian = softNms(boxes(...three), scores, {sigma: 0.5});
  closeTo(t, gaussian.indices, integers(0, 2, 1));
  closeTo(t, gaussian.scores, tf.tensor1d([0.9, 0.6, 0.8 * Math.exp(-0.25 / 0.5)]));
  const linear = softNms(boxes(...three), scores, {method: 'linear', iouThreshold: 0.5});
  closeTo(t, linear.indices, integers(0, 2, 1));
  closeTo(t, linear.scores, tf.tensor1d([0.9, 0.6, 0.8 * 0.5]));
  const above = softNms(boxes(...three), scores, {method: 'linear', iouThreshold: 0.6});
  closeTo(t, above.scores, scores);
});

test('what falls below the threshold is dropped', t => {
  const {indices} = softNms(boxes(...three), tf.tensor1d([0.9, 0.8, 0.1]), {scoreThreshold: 0.5});
  closeTo(t, indices, integers(0));
});

test('many boxes give what the definition gives, step by step', t => {
  const random = new Random(3);
  const rows = Array.from({length: 60}, () => {
    const [x, y] = [8 * random.next(), 8 * random.next()];
    return [x, y, x + 1 + 3 * random.next(), y + 1 + 3 * random.next()];
  });
  const given = rows.map(() => random.next());
  const scores = [...given];
  const overlaps = boxIou(boxes(...rows), boxes(...rows)).arraySync();
  const expected: number[] = [];
  const lowered: number[] = [];
  const left = new Set(rows.keys());
  while (left.size > 0) {
    const best = [...left].reduce((a, b) => (scores[b] > scores[a] ? b : a));
    left.delete(best);
    if (scores[best] < 0.05) continue;
    expected.push(best);
    lowered.push(scores[best]);
    for (const i of left) scores[i] *= Math.exp(-(overlaps[best][i] ** 2) / 0.3);
  }
  const got = softNms(boxes(...rows), tf.tensor1d(given), {sigma: 0.3, scoreThreshold: 0.05});
  closeTo(t, got.indices, integers(...expected));
  closeTo(t, got.scores, tf.tensor1d(lowered));
});

test('NaN and boxes without area harm nothing, and no boxes give none', t => {
  const some = boxes([0, 0, 2, 2], [0, 0, NaN, 2], [1, 1, 1, 1], [0, 0, 2, 2]);
  const {indices, scores} = softNms(some, tf.tensor1d([0.5, 0.9, 0.8, NaN]));
  closeTo(t, indices, integers(1, 2, 0));
  closeTo(t, scores, tf.tensor1d([0.9, 0.8, 0.5]));
  const none = softNms(tf.zeros([0, 4]), tf.zeros([0]));
  t.deepEqual([none.indices.shape, none.scores.shape], [[0], [0]]);
});

test('only the results are kept, and errors are clear', t => {
  const [some, scores] = [boxes(...three), tf.tensor1d([0.9, 0.8, 0.6])];
  keepsOnlyResults(t, () => softNms(some, scores));
  t.throws(() => softNms(some, wrong([2])), {message: /scores must have shape \[K\], got \[2\]/});
  t.throws(() => softNms(some, scores, {sigma: 0}), {message: /sigma must be above 0.*got 0, 0.3 and 0.001/});
});
