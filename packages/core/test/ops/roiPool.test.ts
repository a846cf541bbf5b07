import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type RoiPoolOptions, roiPool} from '../../src/ops/roiPool.js';
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

type Case = Golden<RoiPoolOptions, 'features' | 'boxes' | 'boxIndices' | 'dy', 'y' | 'features'>;

for (const {name, options, inputs, outputs} of golden<Case>('roi_pool')) {
  test(`torchvision gives the same values and gradient: ${name}`, t => {
    const boxes = tensor<tf.Tensor2D>(inputs.boxes);
    const boxIndices = tensor<tf.Tensor1D>(inputs.boxIndices, 'int32');
    const f = (features: tf.Tensor) => roiPool(features as tf.Tensor4D, boxes, boxIndices, options);
    closeTo(t, f(tensor(inputs.features)), tensor(outputs.y));
    const gradient = tf.grad(f)(tensor(inputs.features), tensor(inputs.dy));
    closeTo(t, gradient, tensor(outputs.features), {tolerance: tolerances.gradient});
  });
}

const options: RoiPoolOptions = {outputSize: [2, 2], spatialScale: 1};
const boxes = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, 4]);
const images = (...indices: number[]) => tf.tensor1d(indices, 'int32');

// On a rising ramp the largest pixel of a bin is its last.
test('a ramp pools to the last pixel of each bin, both corners included', t => {
  const ramp = tf.reshape(tf.range(0, 64), [1, 8, 8, 1]) as tf.Tensor4D; // 8y + x
  const pooled = roiPool(ramp, boxes([1, 2, 4, 5]), images(0), options);
  closeTo(t, pooled, tf.tensor4d([26, 28, 42, 44], [1, 2, 2, 1]));
});

test('the gradient matches differences', t => {
  const where = boxes([0.2, 0.3, 3.1, 2.7], [-2, -2, 9, 9], [1, 1, 1, 1]);
  const features = tf.mul(noise<tf.Rank.R4>([2, 4, 4, 2]), 3) as tf.Tensor4D; // far apart: no step changes the largest
  gradCheck(t, x => roiPool(x, where, images(1, 0, 1), options), features);
});

test('no boxes give no results and a zero gradient', t => {
  const f = (x: tf.Tensor) => roiPool(x as tf.Tensor4D, tf.zeros([0, 4]), images(), options);
  const features = noise<tf.Rank.R4>([1, 4, 4, 3]);
  t.deepEqual(f(features).shape, [0, 2, 2, 3]);
  closeTo(t, tf.grad(f)(features), tf.zeros([1, 4, 4, 3]));
});

test('a box of NaN, infinity or astronomic size harms nothing else', t => {
  const where = boxes(
    [NaN, 0, 2, NaN],
    [-Infinity, 0, Infinity, 3],
    [-1e30, -1e30, 1e30, 1e30],
    [0, 0, 2, 2],
  );
  const pooled = roiPool(tf.ones([1, 4, 4, 1]), where, images(0, 0, 0, 0), options);
  closeTo(t, pooled, tf.tensor4d([...Array(12).fill(0), 1, 1, 1, 1], [4, 2, 2, 1]));
});

test('only the result is kept, forward and backward', t => {
  const [features, where, owner] = [noise<tf.Rank.R4>([1, 4, 4, 3]), boxes([0, 0, 2, 2]), images(0)];
  keepsOnlyResults(t, () => roiPool(features, where, owner, options));
  keepsOnlyResults(t, () => tf.grad(x => roiPool(x as tf.Tensor4D, where, owner, options))(features));
});

test('errors say what was expected, what came and what to do', t => {
  const features = tf.zeros<tf.Rank.R4>([1, 4, 4, 1]);
  t.throws(() => roiPool(features, wrong([1, 5]), images(0), options), {
    message:
      'roiPool: boxes must have shape [K, 4], got [1, 5]. ' +
      'Pass the image number of each box as boxIndices, not as a fifth column of boxes.',
  });
  t.throws(() => roiPool(features, tf.zeros([1, 4]), images(0), {...options, outputSize: [0, 2]}), {
    message: /outputSize must be \[height, width\] of 1 or more, got \[0,2\]/,
  });
  t.throws(() => roiPool(features, tf.zeros([1, 4]), images(7), options), {
    message: /(boxIndices\[0\] is 7, but there are 1 images|box 0 belongs to image 7)/,
  });
});
