import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type MaxPool2dOptions, maxPoolWithIndices, maxUnpool} from '../../src/index.js';
import {
  closeTo,
  type Golden,
  golden,
  gradCheck,
  keepsOnlyResults,
  noFallbacks,
  noise,
  registerOps,
  tensor,
  tolerances,
  wrong,
} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

type Case = Golden<MaxPool2dOptions, 'x' | 'dy' | 'values' | 'dUp', 'y' | 'indices' | 'x' | 'up' | 'values'>;

for (const {name, options, inputs, outputs} of golden<Case>('max_unpool')) {
  test(`PyTorch finds the same maxima in the same places, and puts values back there: ${name}`, t => {
    const x = tensor<tf.Tensor4D>(inputs.x);
    const {values, indices} = maxPoolWithIndices(x, options);
    closeTo(t, values, tensor(outputs.y));
    t.is(indices.dtype, 'int32');
    closeTo(t, indices, tensor(outputs.indices, 'int32'), {tolerance: 0});
    const pool = (x: tf.Tensor) => maxPoolWithIndices(x as tf.Tensor4D, options).values;
    closeTo(t, tf.grad(pool)(x, tensor(inputs.dy)), tensor(outputs.x), {tolerance: tolerances.gradient});

    const size = [x.shape[1], x.shape[2]] as const;
    const unpool = (values: tf.Tensor) => maxUnpool(values as tf.Tensor4D, indices, size);
    const small = tensor(inputs.values);
    closeTo(t, unpool(small), tensor(outputs.up));
    closeTo(t, tf.grad(unpool)(small, tensor(inputs.dUp)), tensor(outputs.values), {
      tolerance: tolerances.gradient,
    });
  });
}

test('pooling what was unpooled gives it back', t => {
  const {values, indices} = maxPoolWithIndices(noise([2, 6, 8, 3]), {kernelSize: 2});
  const positive = tf.add(values, 2) as tf.Tensor4D;
  const again = maxPoolWithIndices(maxUnpool(positive, indices, [6, 8]), {kernelSize: 2});
  closeTo(t, again.values, positive);
  closeTo(t, again.indices, indices, {tolerance: 0});
});

test('of equal values the first one counts, and no number beats every number', t => {
  const first = maxPoolWithIndices(tf.ones([1, 2, 2, 1]), {kernelSize: 2});
  t.deepEqual([...first.indices.dataSync()], [0]);
  const nan = maxPoolWithIndices(tf.tensor4d([1, 2, NaN, 3], [1, 2, 2, 1]), {kernelSize: 2});
  t.true(Number.isNaN(nan.values.dataSync()[0]));
  t.deepEqual([...nan.indices.dataSync()], [2]);
});

test('both gradients match differences', t => {
  const x = tf.reshape(tf.range(0, 24), [1, 4, 6, 1]) as tf.Tensor4D;
  gradCheck(t, x => maxPoolWithIndices(x, {kernelSize: 3, stride: 2, padding: 1}).values, x);
  const {values, indices} = maxPoolWithIndices(x, {kernelSize: 2});
  gradCheck(t, values => maxUnpool(values, indices, [4, 6]), values);
});

test('only results are kept, forward and backward', t => {
  const x = noise<tf.Rank.R4>([1, 4, 4, 2]);
  const {values, indices} = maxPoolWithIndices(x, {kernelSize: 2});
  keepsOnlyResults(t, () => {
    const both = maxPoolWithIndices(x, {kernelSize: 2});
    return [both.values, both.indices];
  });
  keepsOnlyResults(t, () => tf.grad(x => maxPoolWithIndices(x as tf.Tensor4D, {kernelSize: 2}).values)(x));
  keepsOnlyResults(t, () => tf.grad(v => maxUnpool(v as tf.Tensor4D, indices, [4, 4]))(values));
});

test('errors say what was expected, what came and what to do', t => {
  const x = tf.zeros<tf.Rank.R4>([1, 4, 4, 2]);
  const throws = (run: () => unknown, message: RegExp) => t.throws(run, {message});
  throws(() => maxPoolWithIndices(wrong([4, 4, 2]), {kernelSize: 2}), /x must have shape \[N, H, W, C\]/);
  throws(() => maxPoolWithIndices(x, {kernelSize: 5}), /a window of 5 does not fit into 4 pixels/);
  throws(() => maxPoolWithIndices(x, {kernelSize: 2, padding: 2}), /at most half of the window/);
  throws(() => maxUnpool(x, tf.zeros([1, 2, 2, 2], 'int32'), [8, 8]), /indices must have shape/);
  throws(() => maxUnpool(x, tf.fill([1, 4, 4, 2], 64, 'int32'), [8, 8]), /index 64 is/);
});
