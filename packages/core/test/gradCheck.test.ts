import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {gradCheck} from '../src/gradCheck.js';
import {noise, registerOps} from './support.js';

test.before(registerOps);

/** A square whose gradient is off by the factor given. */
const wrongSquare = (factor: number) =>
  tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: tf.square(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.mul(saved[0], 2 * factor)),
    };
  });

test('a right gradient passes, and both gradients come back', t => {
  const x = tf.tensor1d([-1, 0.5, 2]);
  const report = gradCheck(x => tf.square(x), x, {seed: 3});
  t.true(report.passed, report.message);
  t.true(report.error < 1e-4, report.message);
  t.is(report.analytical.length, 3);
  report.numerical.forEach((value, i) => {
    t.true(Math.abs(value - report.analytical[i]) < 1e-4);
  });
});

const gram = (x: tf.Tensor) => tf.matMul(x, x, false, true);
// Plain central differences are two in a thousand off here.
const wave = (x: tf.Tensor) => tf.sin(tf.mul(x, 10));

test('smooth functions of many shapes pass, steep ones too', t => {
  const x = noise<tf.Rank.R2>([3, 4]);
  for (const f of [tf.exp, tf.sigmoid, tf.tanh, tf.softmax, wave, gram]) {
    const report = gradCheck(f as (x: tf.Tensor) => tf.Tensor, x as tf.Tensor);
    t.true(report.passed, report.message);
  }
});

test('a gradient that is one in a hundred off fails, and the worst element is named', t => {
  const report = gradCheck(x => wrongSquare(1.01)(x), tf.tensor1d([0.1, 1, -0.5]));
  t.false(report.passed);
  t.true(Math.abs(report.error - 0.01) < 1e-3, report.message);
  t.regex(report.message, /largest relative error is \d\.\de-[23] \(0\.001 passes\), at element [012]: back/);
});

test('a gradient of NaN fails', t => {
  t.false(gradCheck(x => wrongSquare(Number.NaN)(x), tf.tensor1d([1])).passed);
});

test('a transposed gradient fails, which an upstream gradient of ones would let pass', t => {
  const transposed = tf.customGrad(x => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.transpose(dy),
  }));
  t.false(gradCheck(x => transposed(x), noise<tf.Rank.R2>([3, 3])).passed);
});

test('a function that does not depend on x passes with zeros', t => {
  const report = gradCheck(x => tf.add(tf.mul(x, 0), 1000), noise<tf.Rank.R1>([4]));
  t.true(report.passed, report.message);
  t.true(report.analytical.every(value => value === 0));
});

test('the default survives large values, where rounding is large', t => {
  const x = tf.mul(noise<tf.Rank.R1>([5]), 1000) as tf.Tensor1D;
  const report = gradCheck(x => tf.mul(x, x), x);
  t.true(report.passed, report.message);
});

test('a function that leaves the numbers is an error', t => {
  t.throws(() => gradCheck(x => tf.log(x), tf.tensor1d([0.001])), {
    instanceOf: RangeError,
    message: /not finite around element 0/,
  });
});

test('nothing is left behind', t => {
  const x = noise<tf.Rank.R1>([3]);
  const before = tf.memory().numTensors;
  gradCheck(x => tf.square(x), x);
  t.is(tf.memory().numTensors, before);
});
