import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {ConvTranspose2d, conv2d, convTranspose2d, init, Random} from '../../src/index.js';
import type {ConvTranspose2dOptions} from '../../src/ops/convTranspose2d.js';
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

type Case = Golden<ConvTranspose2dOptions, 'x' | 'filter' | 'bias' | 'dy', 'y' | 'x' | 'filter' | 'bias'>;

for (const {name, options, inputs, outputs} of golden<Case>('conv_transpose2d')) {
  test(`PyTorch gives the same values and gradients: ${name}`, t => {
    const given = [inputs.x, inputs.filter, inputs.bias].map(input => tensor(input));
    const f = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      convTranspose2d(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D, options);
    closeTo(t, f(given[0], given[1], given[2]), tensor(outputs.y));
    const gradients = tf.grads(f as (...args: tf.Tensor[]) => tf.Tensor)(given, tensor(inputs.dy));
    (['x', 'filter', 'bias'] as const).forEach((input, i) => {
      closeTo(t, gradients[i], tensor(outputs[input]), {
        tolerance: tolerances.gradient,
        message: `d${input}`,
      });
    });
  });
}

test('it is the adjoint of the convolution with the same filter', t => {
  const geometry = {stride: 2, padding: [1, 0, 2, 1], dilation: [1, 2]} as const;
  const image = noise<tf.Rank.R4>([1, 7, 9, 3]);
  const filter = noise<tf.Rank.R4>([3, 3, 3, 4], 2);
  const y = conv2d(image, filter, null, geometry);
  const x = noise<tf.Rank.R4>(y.shape, 3);
  const back = convTranspose2d(x, filter, null, {...geometry, outputPadding: 1});
  t.deepEqual(back.shape, image.shape);
  closeTo(t, tf.sum(tf.mul(back, image)), tf.sum(tf.mul(x, y)), {tolerance: tolerances.gradient});
});

for (const options of [{stride: 2, padding: 1, outputPadding: 1}, {groups: 2}] as ConvTranspose2dOptions[]) {
  test(`both gradients match differences: ${JSON.stringify(options)}`, t => {
    const x = noise<tf.Rank.R4>([1, 3, 3, 4]);
    const filter = noise<tf.Rank.R4>([3, 3, 2, 4], 2);
    gradCheck(t, x => convTranspose2d(x, filter, null, options), x);
    gradCheck(t, filter => convTranspose2d(x, filter, null, options), filter);
  });
}

test('a bilinear start interpolates: a ramp stays a ramp away from the border', t => {
  const ramp = tf.tile(tf.reshape(tf.range(0, 6), [1, 1, 6, 1]), [1, 6, 1, 2]) as tf.Tensor4D;
  const up = new ConvTranspose2d(2, 2, {
    kernelSize: 4,
    stride: 2,
    padding: 1,
    bias: false,
    init: init.bilinear,
  });
  const inside = tf.slice(up.forward(ramp), [0, 2, 2, 0], [1, 8, 8, 2]);
  const expected = tf.reshape(tf.range(0.75, 4.5, 0.5), [1, 1, 8, 1]);
  closeTo(t, inside, tf.tile(expected, [1, 8, 1, 2]));
  const each = init.bilinear<tf.Rank.R4>([4, 4, 1, 2], new Random(1));
  const y = convTranspose2d(ramp, each, null, {stride: 2, padding: 1, groups: 2});
  closeTo(t, tf.slice(y, [0, 2, 2, 0], [1, 8, 8, 2]), inside);
  t.throws(() => init.bilinear([4, 4, 2, 3], new Random(1)), {
    message: /\[kh, kw, C, C\] .* got shape \[4,4,2,3\]/,
  });
});

test('only results are kept, forward and backward', t => {
  const [x, filter, bias] = [
    noise<tf.Rank.R4>([1, 3, 3, 4]),
    noise<tf.Rank.R4>([3, 3, 2, 4]),
    noise<tf.Rank.R1>([2]),
  ];
  keepsOnlyResults(t, () => convTranspose2d(x, filter, bias, {stride: 2}));
  keepsOnlyResults(t, () =>
    tf.grads((x, filter) => convTranspose2d(x as tf.Tensor4D, filter as tf.Tensor4D, bias))([x, filter]),
  );
});

test('errors say what was expected, what came and what to do', t => {
  const x = tf.zeros<tf.Rank.R4>([1, 2, 2, 4]);
  const filter = tf.zeros<tf.Rank.R4>([3, 3, 2, 4]);
  const throws = (run: () => unknown, message: RegExp) => t.throws(run, {message});
  throws(
    () => convTranspose2d(wrong([2, 2, 4]), filter),
    /x must have shape \[N, H, W, C\], got \[2, 2, 4\]/,
  );
  throws(() => convTranspose2d(x, tf.zeros([3, 3, 4, 2])), /got \[3, 3, 4, 2\], but C is 4 in x/);
  throws(() => convTranspose2d(x, filter, tf.zeros([4])), /bias must have shape \[2\], got \[4\]/);
  throws(() => convTranspose2d(x, filter, null, {outputPadding: 1}), /smaller than the stride, got \[1,1\]/);
  throws(() => convTranspose2d(x, filter, null, {padding: 2}), /would be empty: 0 × 0/);
  throws(() => convTranspose2d(x, filter, null, {groups: 3}), /groups must divide the 4 channels/);
  throws(
    () => convTranspose2d(x, filter, null, {stride: 0}),
    /stride must be integers of 1 or more, got 0, 0/,
  );
});
