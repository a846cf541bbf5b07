import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type LocalResponseNormOptions, localResponseNorm} from '../../src/ops/localResponseNorm.js';
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

type Case = Golden<LocalResponseNormOptions, 'x' | 'dy', 'y' | 'x'>;

for (const {name, options, inputs, outputs} of golden<Case>('local_response_norm')) {
  test(`PyTorch gives the same values and gradient: ${name}`, t => {
    const f = (x: tf.Tensor) => localResponseNorm(x as tf.Tensor4D, options);
    closeTo(t, f(tensor(inputs.x)), tensor(outputs.y));
    const gradient = tf.grad(f)(tensor(inputs.x), tensor(inputs.dy));
    closeTo(t, gradient, tensor(outputs.x), {tolerance: tolerances.gradient});
  });
}

test('a window of one divides each value by its own response', t => {
  const x = tf.tensor4d([3, -4], [1, 1, 1, 2]);
  const y = localResponseNorm(x, {size: 1, alpha: 1, beta: 0.5, k: 0});
  closeTo(t, y, tf.tensor4d([1, -1], [1, 1, 1, 2]));
});

for (const size of [3, 4]) {
  test(`the gradient matches differences, size ${size}`, t => {
    gradCheck(t, x => localResponseNorm(x, {size, alpha: 2, k: 1}), noise<tf.Rank.R4>([1, 2, 2, 6]));
  });
}

test('only the result is kept, forward and backward', t => {
  const x = noise<tf.Rank.R4>([1, 2, 2, 6]);
  keepsOnlyResults(t, () => localResponseNorm(x));
  keepsOnlyResults(t, () => tf.grad(x => localResponseNorm(x as tf.Tensor4D))(x));
});

test('errors say what was expected, what came and what to do', t => {
  t.throws(() => localResponseNorm(wrong([2, 2, 3])), {
    message: /x must have shape \[N, H, W, C\], got \[2, 2, 3\]/,
  });
  t.throws(() => localResponseNorm(tf.zeros([1, 2, 2, 3]), {size: 0}), {message: /1 or more, got 0/});
});
