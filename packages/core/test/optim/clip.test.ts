import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {clipGradNorm, clipGradValue} from '../../src/index.js';
import {closeTo, keepsOnlyResults, registerOps} from '../support.js';

test.before(registerOps);

const grads = () => ({a: tf.tensor2d([[3, 0]]), b: tf.tensor1d([0, -4])});

test('gradients longer than the limit are shortened together', t => {
  const clipped = clipGradNorm(grads(), 1);
  closeTo(t, clipped.norm, tf.scalar(5));
  closeTo(t, clipped.grads['a'], tf.tensor2d([[0.6, 0]]));
  closeTo(t, clipped.grads['b'], tf.tensor1d([0, -0.8]));
});

test('shorter ones stay as they are', t => {
  const clipped = clipGradNorm(grads(), 10);
  closeTo(t, clipped.grads['b'], tf.tensor1d([0, -4]), {tolerance: 0});
});

test('single values are cut off', t => {
  const clipped = clipGradValue(grads(), 3.5);
  closeTo(t, clipped['a'], tf.tensor2d([[3, 0]]));
  closeTo(t, clipped['b'], tf.tensor1d([0, -3.5]));
});

test('frozen variables, for which there is null, are left out', t => {
  const withNull = {...grads(), frozen: null} as unknown as tf.NamedTensorMap;
  t.deepEqual(Object.keys(clipGradNorm(withNull, 1).grads), ['a', 'b']);
  t.deepEqual(Object.keys(clipGradValue(withNull, 1)), ['a', 'b']);
});

test('only the results are kept, and a wrong limit is refused', t => {
  const given = grads();
  keepsOnlyResults(t, () => clipGradNorm(given, 1));
  keepsOnlyResults(t, () => clipGradValue(given, 1));
  t.throws(() => clipGradNorm(given, Number.NaN), {message: /maxNorm must be a finite number/});
});
