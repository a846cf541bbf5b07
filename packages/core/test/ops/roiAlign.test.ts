import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type RoiAlignOptions, roiAlign} from '../../src/ops/roiAlign.js';
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
} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

type Case = Golden<RoiAlignOptions, 'features' | 'boxes' | 'boxIndices' | 'dy', 'y' | 'features'>;

for (const {name, options, inputs, outputs} of golden<Case>('roi_align')) {
  test(`torchvision gives the same values and gradient: ${name}`, t => {
    const boxes = tensor<tf.Tensor2D>(inputs.boxes);
    const boxIndices = tensor<tf.Tensor1D>(inputs.boxIndices, 'int32');
    const f = (features: tf.Tensor) => roiAlign(features as tf.Tensor4D, boxes, boxIndices, options);
    closeTo(t, f(tensor(inputs.features)), tensor(outputs.y));
    const gradient = tf.grad(f)(tensor(inputs.features), tensor(inputs.dy));
    closeTo(t, gradient, tensor(outputs.features), {tolerance: tolerances.gradient});
  });
}

const options: RoiAlignOptions = {outputSize: [2, 2], spatialScale: 1, samplingRatio: 2};
const boxes = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, 4]);
const images = (...indices: number[]) => tf.tensor1d(indices, 'int32');

// The mean of a linear ramp over a bin is its value at the bin's centre: an oracle without magic numbers.
test('a ramp pools to its value at each bin centre', t => {
  const ramp = tf.reshape(tf.range(0, 64), [1, 8, 8, 1]) as tf.Tensor4D; // 8y + x
  const at = (y: number, x: number) => 8 * (y - 0.5) + (x - 0.5);
  const pooled = roiAlign(ramp, boxes([1, 2, 5, 4]), images(0), options);
  closeTo(t, pooled, tf.tensor4d([at(2.5, 2), at(2.5, 4), at(3.5, 2), at(3.5, 4)], [1, 2, 2, 1]));
});

test('each box reads its own image, up to the border', t => {
  const flat = tf.mul(tf.ones([2, 8, 8, 1]), tf.tensor4d([3, 5], [2, 1, 1, 1])) as tf.Tensor4D;
  const pooled = roiAlign(flat, boxes([6, 6, 8, 8], [0, 0, 2, 2]), images(1, 0), options);
  closeTo(t, pooled, tf.tensor4d([5, 5, 5, 5, 3, 3, 3, 3], [2, 2, 2, 1]));
});

for (const aligned of [true, false]) {
  test(`the gradient matches differences, aligned: ${aligned}`, t => {
    const where = boxes([0.2, 0.3, 3.1, 2.7], [-2, -2, 9, 9], [1, 1, 1, 1]); // inside, outside, empty
    gradCheck(
      t,
      x => roiAlign(x, where, images(1, 0, 1), {...options, aligned}),
      noise<tf.Rank.R4>([2, 4, 4, 2]),
    );
  });
}

test('boxes get a zero gradient', t => {
  const features = noise<tf.Rank.R4>([1, 4, 4, 1]);
  const gradient = tf.grad(b => roiAlign(features, b as tf.Tensor2D, images(0), options))(
    boxes([0, 0, 3, 3]),
  );
  closeTo(t, gradient, tf.zeros([1, 4]));
});

test('no boxes give no results and a zero gradient', t => {
  const features = noise<tf.Rank.R4>([1, 4, 4, 3]);
  const f = (x: tf.Tensor) => roiAlign(x as tf.Tensor4D, tf.zeros([0, 4]), tf.zeros([0], 'int32'), options);
  t.deepEqual(f(features).shape, [0, 2, 2, 3]);
  closeTo(t, tf.grad(f)(features), tf.zeros([1, 4, 4, 3]));
});

test('a box of NaN pools to zero and harms nothing else', t => {
  const pooled = roiAlign(
    tf.ones([1, 4, 4, 1]),
    boxes([NaN, 0, 2, NaN], [0, 0, 2, 2]),
    images(0, 0),
    options,
  );
  closeTo(t, pooled, tf.tensor4d([0, 0, 0, 0, 1, 1, 1, 1], [2, 2, 2, 1]));
});

test('only the result is kept, forward and backward', t => {
  const [features, where, owner] = [noise<tf.Rank.R4>([1, 4, 4, 3]), boxes([0, 0, 2, 2]), images(0)];
  keepsOnlyResults(t, () => roiAlign(features, where, owner, options));
  keepsOnlyResults(t, () => tf.grad(x => roiAlign(x as tf.Tensor4D, where, owner, options))(features));
});

test('errors say what was expected, what came and what to do', t => {
  const features = tf.zeros<tf.Rank.R4>([1, 4, 4, 1]);
  t.throws(() => roiAlign(features, tf.zeros([1, 5]), images(0), options), {
    instanceOf: TypeError,
    message:
      'roiAlign: boxes must have shape [K, 4], got [1, 5]. ' +
      'Pass the image number of each box as boxIndices, not as a fifth column of boxes.',
  });
  t.throws(() => roiAlign(features, tf.zeros([1, 4]), tf.zeros([1]), options), {
    message: /boxIndices must be int32/,
  });
  t.throws(() => roiAlign(features, tf.zeros([1, 4]), images(0), {...options, outputSize: [0, 2]}), {
    message: /outputSize must be \[height, width\] of 1 or more, got \[0,2\]/,
  });
  if (tf.getBackend() === 'cpu' || tf.getBackend() === 'wasm') {
    t.throws(() => roiAlign(features, tf.zeros([1, 4]), images(1), options), {
      message: /boxIndices\[0\] is 1, but there are 1 images/,
    });
  }
});
