import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {indicesWhere} from '../../src/ops/indicesWhere.js';
import {topKIndices} from '../../src/ops/topKIndices.js';
import {closeTo, keepsOnlyResults, noFallbacks, noise, registerOps, wrong} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

const integers = (...values: number[]) => tf.tensor1d(values, 'int32');

test('a condition becomes the indices where it holds', t => {
  closeTo(t, indicesWhere(tf.greater(tf.tensor1d([1, -1, 3, NaN]), 0)), integers(0, 2));
  closeTo(t, indicesWhere(integers(0, 7, -1)), integers(1, 2));
  t.deepEqual(indicesWhere(tf.zeros([3], 'bool')).shape, [0]);
  t.deepEqual(indicesWhere(tf.zeros([0], 'bool')).shape, [0]);
});

test('the highest scores come first, equal ones in their order and NaN last', t => {
  const scores = tf.tensor1d([2, 5, NaN, 5, -Infinity, 0, -3]);
  closeTo(t, topKIndices(scores, 3), integers(1, 3, 0));
  closeTo(t, topKIndices(scores, 100), integers(1, 3, 0, 5, 6, 2, 4));
  t.deepEqual(topKIndices(scores, 0).shape, [0]);
  t.deepEqual(topKIndices(tf.zeros([0]), 5).shape, [0]);
});

test('the best of many are those of tf.topk', t => {
  const scores = noise<tf.Rank.R1>([5000]);
  closeTo(t, topKIndices(scores, 700), tf.topk(scores, 700).indices);
});

test('indices are constants to the gradient of what they choose', t => {
  const scores = tf.tensor1d([0.5, -1, 2]);
  closeTo(
    t,
    tf.grad(x => tf.sum(tf.gather(x, topKIndices(x as tf.Tensor1D, 1))))(scores),
    tf.tensor1d([0, 0, 1]),
  );
  const positive = (x: tf.Tensor) => tf.sum(tf.gather(x, indicesWhere(tf.greater(x, 0) as tf.Tensor1D)));
  closeTo(t, tf.grad(positive)(scores), tf.tensor1d([1, 0, 1]));
  keepsOnlyResults(t, () => topKIndices(scores, 2));
  const mask = integers(1, 0);
  keepsOnlyResults(t, () => indicesWhere(mask));
});

test('errors say what was expected, what came and what to do', t => {
  t.throws(() => indicesWhere(wrong([3], 'float32')), {
    message: /mask must be bool, got float32/,
  });
  t.throws(() => topKIndices(tf.zeros([3]), 1.5), {
    message: /k must be a whole number of 0 or more, got 1.5/,
  });
});
