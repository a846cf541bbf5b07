import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  flatten,
  GlobalAvgPool2d,
  hingeLoss,
  linear,
  Maxout,
  MaxPool2d,
  mseLoss,
  PRelu,
  pad2d,
} from '../../src/index.js';
import {closeTo, gradCheck, noise, registerOps} from '../support.js';

test.before(registerOps);

const images = (values: number[][]) =>
  tf.tensor4d(values.flat(), [1, values.length, values[0].length, 1]) as tf.Tensor4D;

test('ten 5 × 5 filters with padding 2 keep 32 × 32 × 3 and have 760 parameters', t => {
  const conv = new Conv2d(3, 10, {kernelSize: 5, padding: 2});
  t.is(conv.numParameters(), 760);
  t.deepEqual(conv.forward(tf.zeros([1, 32, 32, 3])).shape, [1, 32, 32, 10]);
});

test('each way of padding continues the image as its name says', t => {
  const row = images([[1, 2, 3]]);
  const padded = (mode: 'zeros' | 'replicate' | 'reflect' | 'circular', by: number) =>
    Array.from(pad2d(row, [0, by], mode).dataSync());
  t.deepEqual(padded('zeros', 2), [0, 0, 1, 2, 3, 0, 0]);
  t.deepEqual(padded('replicate', 2), [1, 1, 1, 2, 3, 3, 3]);
  t.deepEqual(padded('reflect', 2), [3, 2, 1, 2, 3, 2, 1]);
  t.deepEqual(padded('circular', 3), [1, 2, 3, 1, 2, 3, 1, 2, 3]);
  t.throws(() => padded('reflect', 3), {message: /reflect padding by 3 needs 4 pixels.*\[1,1,3,1\]/});
  t.throws(() => padded('circular', 4), {message: /needs 4 pixels/});
});

for (const mode of ['zeros', 'replicate', 'reflect', 'circular'] as const) {
  test(`the gradient of ${mode} padding matches differences`, t => {
    gradCheck(t, (x: tf.Tensor4D) => pad2d(x, [2, 1], mode), noise<tf.Rank.R4>([1, 3, 4, 2]));
  });
}

test('a linear layer is the product with each row of its weights', t => {
  const x = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  const weight = tf.tensor2d([
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
  closeTo(
    t,
    linear(x, weight, tf.tensor1d([0, 10, 20])),
    tf.tensor2d([
      [1, 12, 23],
      [3, 14, 27],
    ]),
  );
  t.throws(() => linear(tf.zeros([2, 3]), weight), {message: /x must have shape|weight must have shape/});
  gradCheck(t, (w: tf.Tensor2D) => linear(x, w), weight);
  gradCheck(t, (b: tf.Tensor1D) => linear(x, weight, b), tf.tensor1d([1, 2, 3]));
});

test('max pooling does not take its padding for a maximum', t => {
  const pool = new MaxPool2d({kernelSize: 3, stride: 2, padding: 1});
  closeTo(
    t,
    pool.forward(
      images([
        [-5, -6, -7],
        [-8, -9, -10],
        [-11, -12, -13],
      ]),
    ),
    images([
      [-5, -6],
      [-8, -9],
    ]),
  );
});

test('the gradient of max pooling goes to the maximum, also among negative values', t => {
  const pool = new MaxPool2d({kernelSize: 2});
  const x = images([
    [-4, -3, 1, 2],
    [-2, -5, 4, 3],
  ]);
  const grad = tf.grad(x =>
    tf.sum(tf.mul(pool.forward(x as tf.Tensor4D), tf.tensor4d([5, 7], [1, 1, 2, 1]))),
  )(x);
  closeTo(
    t,
    grad,
    images([
      [0, 0, 0, 0],
      [5, 0, 7, 0],
    ]),
  );
});

test('windows that do not fit, and padding beyond half of them, are explained', t => {
  const small = images([[1, 2]]);
  t.throws(() => new MaxPool2d({kernelSize: 3}).forward(small), {
    message: /MaxPool2d: a window of 3 does not fit into 1 pixels/,
  });
  t.throws(() => new AvgPool2d({kernelSize: 2, padding: 2}), {message: /at most half of the window/});
  t.throws(() => new MaxPool2d({kernelSize: 0}), {message: /kernelSize must be a positive integer/});
  t.throws(() => new Conv2d(4, 6, {kernelSize: 3, groups: 3}), {
    message: /groups must divide inputs and outputs/,
  });
  t.throws(() => new Conv2d(4, 6, {kernelSize: 3, padding: -1}), {
    message: /padding must be an integer of 0 or more/,
  });
});

test('every bin of an adaptive pooling is the mean of its pixels, and all bins cover the image', t => {
  const row = images([[1, 2, 3, 4, 5]]);
  // Bins 0–2, 1–4 and 3–5 of five pixels: PyTorch's overlap.
  closeTo(t, new AdaptiveAvgPool2d([1, 3]).forward(row), images([[1.5, 3, 4.5]]));
  closeTo(
    t,
    new AdaptiveAvgPool2d([2, 5]).forward(row),
    images([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]),
  );
  closeTo(t, new GlobalAvgPool2d().forward(row), images([[3]]));
  gradCheck(t, (x: tf.Tensor4D) => new AdaptiveAvgPool2d([2, 3]).forward(x), noise<tf.Rank.R4>([2, 3, 4, 2]));
});

test('maxout takes the largest piece of each output', t => {
  const x = tf.tensor2d([[1, 5, 3, 2]]); // pieces [1, 5] and [3, 2] of two outputs
  closeTo(t, new Maxout(2).forward(x), tf.tensor2d([[3, 5]]));
  const grad = tf.grad(x => tf.sum(tf.mul(new Maxout(2).forward(x), tf.tensor2d([[10, 20]]))))(x);
  closeTo(t, grad, tf.tensor2d([[0, 20, 10, 0]]));
  t.throws(() => new Maxout(3).forward(x), {message: /multiple of 3 pieces/});
});

test('a parametric ReLU refuses other channels than its own', t => {
  t.throws(() => new PRelu(3).forward(tf.zeros([1, 4])), {message: /3 channels/});
});

test('flattening goes channel by channel', t => {
  const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40], [1, 2, 2, 2]);
  closeTo(t, flatten(x), tf.tensor2d([[1, 2, 3, 4, 10, 20, 30, 40]]));
  t.deepEqual(flatten(tf.zeros([2, 1, 1, 5])).shape, [2, 5]);
  t.deepEqual(flatten(tf.zeros([2, 3, 5])).shape, [2, 15]);
});

test('batch norm with its ReLU is batch norm, then ReLU', t => {
  const x = noise<tf.Rank.R4>([2, 3, 3, 4]);
  const [fused, plain] = [new BatchNorm2d(4), new BatchNorm2d(4)];
  closeTo(t, fused.forward(x, {relu: true}), tf.relu(plain.forward(x)));
  closeTo(t, fused.running_var, plain.running_var);
  closeTo(t, fused.eval().forward(x, {relu: true}), tf.relu(plain.eval().forward(x)));
});

test('one value a channel cannot be normalised in training, only in evaluation', t => {
  const norm = new BatchNorm1d(3);
  t.throws(() => norm.forward(tf.ones([1, 3])), {
    message: /BatchNorm1d: one value a channel has no variance.*\[1,3\]/,
  });
  t.notThrows(() => norm.eval().forward(tf.ones([1, 3])));
});

test('dropout keeps the mean and drops its share', t => {
  const y = new Dropout(0.3).forward(tf.ones([20_000])).dataSync();
  const kept = y.filter(v => v !== 0);
  t.true(Math.abs(kept.length / y.length - 0.7) < 0.015);
  t.true(kept.every(v => Math.abs(v - 1 / 0.7) < 1e-6));
  t.throws(() => new Dropout(1.5), {message: /share of values to drop.*1\.5/});
});

test('the hinge loss of the lecture’s cat, car and frog is 5.27', t => {
  // The example of the Stanford course: scores of three images for three classes, losses 2.9, 0 and 12.9.
  const scores = tf.tensor2d([
    [3.2, 5.1, -1.7],
    [1.3, 4.9, 2.0],
    [2.2, 2.5, -3.1],
  ]);
  const labels = tf.tensor1d([0, 1, 2], 'int32');
  closeTo(t, hingeLoss(scores, labels), tf.scalar((2.9 + 0 + 12.9) / 3));
  gradCheck(t, (s: tf.Tensor2D) => hingeLoss(s, labels), scores);
});

test('the squared error is a mean over all values of equal shapes', t => {
  closeTo(t, mseLoss(tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 5]])), tf.scalar((4 + 9) / 2));
  t.throws(() => mseLoss(tf.zeros([2, 1]), tf.zeros([2])), {message: /shapes must be equal/});
});

test('a parametric ReLU has the slope of its negative side at zero, shared or not', t => {
  const x = noise<tf.Rank.R2>([3, 4]);
  for (const channels of [1, 4]) {
    const prelu = new PRelu(channels, 0.5);
    const grad = tf.grad(x => tf.sum(prelu.forward(x)));
    closeTo(t, grad(tf.tensor2d([[0, -1, 2, 0]])), tf.tensor2d([[0.5, 0.5, 1, 0.5]]));
    closeTo(t, prelu.forward(x), tf.leakyRelu(x, 0.5));
  }
});
