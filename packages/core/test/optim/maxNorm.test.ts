import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {parameter} from '../../src/nn/parameter.js';
import {maxNorm} from '../../src/optim/maxNorm.js';
import {Sgd} from '../../src/optim/sgd.js';
import {closeTo, keepsOnlyResults, registerOps} from '../support.js';

test.before(registerOps);

test('rows longer than the limit are shortened to it, the others stay', t => {
  const weight = parameter(tf.tensor2d([3, 4, 0.6, 0.8], [2, 2]));
  maxNorm(weight, 2);
  closeTo(t, weight, tf.tensor2d([1.2, 1.6, 0.6, 0.8], [2, 2]));
  keepsOnlyResults(t, () => {
    maxNorm(weight, 1);
    return [];
  });
});

test('filters are measured by what they look at, each on its own', t => {
  const filters = parameter(tf.tensor4d([3, 0.3, 4, 0.4], [2, 1, 1, 2]));
  maxNorm(filters, 1);
  closeTo(t, filters, tf.tensor4d([0.6, 0.3, 0.8, 0.4], [2, 1, 1, 2]));
});

test('an optimizer keeps the limit after each step, that of a group before its own, and leaves biases', t => {
  const [wide, narrow] = [parameter(tf.zeros([1, 2])), parameter(tf.zeros([1, 2]))];
  const bias = parameter(tf.zeros<tf.Rank.R1>([2]));
  const groups = [{parameters: [wide, bias]}, {parameters: [narrow], maxNorm: 1}];
  const optimizer = new Sgd(groups, {learningRate: 1, maxNorm: 5});
  const pull = (shape: number[]) => tf.mul(tf.tensor([-30, -40], shape), 1);
  optimizer.step({
    [wide.name]: pull([1, 2]),
    [narrow.name]: pull([1, 2]),
    [bias.name]: pull([2]),
  });
  closeTo(t, wide, tf.tensor2d([3, 4], [1, 2]));
  closeTo(t, narrow, tf.tensor2d([0.6, 0.8], [1, 2]));
  closeTo(t, bias, tf.tensor1d([30, 40]));
  t.throws(() => new Sgd([wide], {learningRate: 1, maxNorm: Number.NaN}), {message: /maxNorm/});
});
