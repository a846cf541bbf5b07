import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {bothEngines, use} from '../againstCpu.js';

test.before(bothEngines);

test('tanh is exact to some units in the last place, from the smallest numbers to saturation', t => {
  use('wasm');
  const inputs = Array.from({length: 4001}, (_, i) => (i - 2000) / 200).concat([
    1e-30, -1e-12, 1e-4, 50, -50, 0,
  ]);
  const values = tf.tanh(tf.tensor1d(inputs)).dataSync();
  inputs.forEach((input, i) => {
    const exact = Math.tanh(Math.fround(input));
    t.true(
      Math.abs(values[i] - exact) <= 4e-7 * Math.abs(exact),
      `tanh(${input}) = ${exact}, got ${values[i]}`,
    );
  });
});

test('tanh of what is no number, and of infinities', t => {
  use('wasm');
  const [nan, plus, minus] = tf.tanh(tf.tensor1d([Number.NaN, Infinity, -Infinity])).dataSync();
  t.true(Number.isNaN(nan));
  t.deepEqual([plus, minus], [1, -1]);
});
