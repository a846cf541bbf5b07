import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {batchNormTrain} from '../../../../src/ops/batchNormTrain.js';
import {closeTo, gradCheck, noise} from '../../../support.js';
import {agreesWithCpu, bothEngines, type KernelCase, size, use} from '../againstCpu.js';

test.before(bothEngines);

// More than 256 rows take a second block.
const shapes = fc.oneof(
  fc.tuple(size(4), size(5), size(5), size(9)),
  fc.tuple(fc.integer({min: 250, max: 520}), size(5)),
);
const positive = (channels: number) => () => tf.add(tf.abs(noise([channels], 9)), 0.1);

for (const relu of [false, true]) {
  test(`training, ReLU: ${relu}`, t =>
    agreesWithCpu(
      t,
      // A single row has no variance: what it divides by is ε alone, which magnifies rounding.
      shapes
        .filter(shape => shape.slice(0, -1).some(n => n > 2))
        .map((x): KernelCase => {
          const channels = [x[x.length - 1]];
          return {
            kernel: 'BatchNormTrain',
            inputs: {x, gamma: channels, beta: channels},
            attrs: {epsilon: 1e-3, relu},
          };
        }),
      {tolerance: 1e-4},
    ));

  test(`its gradient, ReLU: ${relu}`, t =>
    agreesWithCpu(
      t,
      shapes.map((x): KernelCase => {
        const channels = [x[x.length - 1]];
        const inputs = {
          dy: x,
          x,
          gamma: channels,
          beta: channels,
          mean: channels,
          variance: positive(channels[0]),
        };
        return {kernel: 'BatchNormTrainGrad', inputs, attrs: {epsilon: 1e-3, relu}};
      }),
      {tolerance: 1e-4},
    ));

  test(`inference, ReLU: ${relu}`, t =>
    agreesWithCpu(
      t,
      shapes.map((x): KernelCase => {
        const channels = [x[x.length - 1]];
        const inputs = {x, gamma: channels, beta: channels, mean: channels, variance: positive(channels[0])};
        return {kernel: 'BatchNormEval', inputs, attrs: {epsilon: 1e-3, relu}};
      }),
      {tolerance: 1e-4},
    ));
}

test('central differences agree', t => {
  use('wasm');
  const [gamma, beta] = [tf.tensor1d([1.5, -0.5, 2]), tf.tensor1d([0.1, 0.2, -0.3])];
  gradCheck(t, x => batchNormTrain(x, gamma, beta).y, noise<tf.Rank.R4>([2, 4, 4, 3]));
});

test('a mean a thousand times the deviation keeps the variance', t => {
  use('wasm');
  const x = tf.add(tf.mul(noise([4096, 2]), 1), 1000) as tf.Tensor2D;
  const {variance} = batchNormTrain(x, tf.ones([2]), tf.zeros([2]));
  const exact = tf.moments(tf.sub(x, 1000), 0).variance;
  closeTo(t, variance, exact, {tolerance: 1e-4});
});
