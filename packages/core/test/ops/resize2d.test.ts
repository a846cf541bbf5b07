import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type Resize2dOptions, resize2d} from '../../src/index.js';
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

for (const {name, options, inputs, outputs} of golden<Golden<Resize2dOptions, 'x' | 'dy', 'y' | 'x'>>(
  'resize2d',
)) {
  test(`PyTorch gives the same values and gradients: ${name}`, t => {
    const f = (x: tf.Tensor) => resize2d(x as tf.Tensor4D, options);
    const x = tensor(inputs.x);
    closeTo(t, f(x), tensor(outputs.y));
    closeTo(t, tf.grad(f)(x, tensor(inputs.dy)), tensor(outputs.x), {tolerance: tolerances.gradient});
  });
}

const row = (...values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);

test('a ramp is stretched between the centres of the pixels, or between its ends', t => {
  const half = resize2d(row(0, 4), {size: [1, 4]});
  closeTo(t, half, row(0, 1, 3, 4));
  closeTo(t, resize2d(row(0, 3), {size: [1, 4], alignCorners: true}), row(0, 1, 2, 3));
  closeTo(t, resize2d(row(0, 3), {size: [1, 4], method: 'nearest'}), row(0, 0, 3, 3));
});

for (const options of [
  {size: [5, 3]},
  {size: [5, 3], alignCorners: true},
  {size: [5, 3], method: 'nearest'},
] satisfies Resize2dOptions[]) {
  test(`the gradient matches differences: ${JSON.stringify(options)}`, t => {
    gradCheck(t, x => resize2d(x, options), noise<tf.Rank.R4>([1, 3, 4, 2]));
  });
}

test('only results are kept, forward and backward', t => {
  const x = noise<tf.Rank.R4>([1, 4, 4, 2]);
  keepsOnlyResults(t, () => resize2d(x, {size: [7, 7]}));
  keepsOnlyResults(t, () => tf.grad(x => resize2d(x as tf.Tensor4D, {size: [7, 7]}))(x));
});

test('errors say what was expected, what came and what to do', t => {
  const x = tf.zeros<tf.Rank.R4>([1, 4, 4, 2]);
  const throws = (run: () => unknown, message: RegExp) => t.throws(run, {message});
  throws(() => resize2d(wrong([4, 4, 2]), {size: [2, 2]}), /x must have shape .* Add an axis for the batch/);
  throws(() => resize2d(x, {size: [0, 2]}), /size must be a positive integer/);
  throws(
    () => resize2d(x, {size: [2, 2], method: 'cubic' as 'nearest'}),
    /'bilinear' or 'nearest', got "cubic"/,
  );
  throws(
    () => resize2d(x, {size: [2, 2], method: 'nearest', alignCorners: true}),
    /no meaning for 'nearest'/,
  );
  throws(() => resize2d(wrong([1, 0, 4, 2]), {size: [2, 2]}), /0 × 4 has no pixels/);
});
