import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {checkShapes} from '../src/shapes.js';
import {registerOps} from './support.js';

test.before(registerOps);

test('letters give back their sizes', t => {
  const sizes = checkShapes('op', {
    x: [tf.zeros([2, 5, 6, 3]), 'N H W C'],
    scale: [tf.zeros([3]), 'C'],
    boxes: [tf.zeros([0, 4]), 'K 4'],
  });
  t.deepEqual(sizes, {N: 2, H: 5, W: 6, C: 3, K: 0});
});

test('three dots stand for any axes, also none', t => {
  t.deepEqual(checkShapes('op', {x: [tf.zeros([2, 5, 3]), '... C']}), {C: 3});
  t.deepEqual(checkShapes('op', {x: [tf.zeros([3]), '... C']}), {C: 3});
  t.deepEqual(checkShapes('op', {x: [tf.scalar(1), '...']}), {});
  t.throws(() => checkShapes('op', {x: [tf.scalar(1), '... C']}), {message: /\[\.\.\., C\], got \[\]/});
});

test('a scalar has the empty shape', t => {
  t.notThrows(() => checkShapes('op', {x: [tf.scalar(1), '']}));
  t.throws(() => checkShapes('op', {x: [tf.zeros([1]), '']}), {
    message: 'op: x must have shape [], got [1].',
  });
});

test('a rank, a number, a letter and a dtype that differ are each named with the fix', t => {
  const throws = (run: () => unknown, message: string) => t.throws(run, {instanceOf: TypeError, message});
  throws(
    () => checkShapes('op', {x: [tf.zeros([2, 3]), 'N H W C']}, 'Add an axis.'),
    'op: x must have shape [N, H, W, C], got [2, 3]. Add an axis.',
  );
  throws(
    () => checkShapes('op', {b: [tf.zeros([2, 5]), 'K 4']}),
    'op: b must have shape [K, 4], got [2, 5].',
  );
  throws(
    () => checkShapes('op', {a: [tf.zeros([2]), 'K'], b: [tf.zeros([3]), 'K']}),
    'op: b must have shape [K], got [3], but K is 2 in a.',
  );
  throws(
    () => checkShapes('op', {labels: [tf.zeros([2]), 'M', 'int32']}),
    "op: labels must be int32, got float32. Convert it with tf.cast(labels, 'int32').",
  );
});
