import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {type Conv2dOptions, type ConvolutionAttrs, conv2d, outputSize} from '../../src/ops/conv2d.js';
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

type Case = Golden<Conv2dOptions, 'x' | 'filter' | 'bias' | 'dy', 'y' | 'x' | 'filter' | 'bias'>;

for (const {name, options, inputs, outputs} of golden<Case>('conv2d')) {
  test(`PyTorch gives the same values and gradients: ${name}`, t => {
    const [x, filter, bias] = [inputs.x, inputs.filter, inputs.bias].map(input => tensor(input));
    const f = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D, options);
    closeTo(t, f(x, filter, bias), tensor(outputs.y));
    const gradients = tf.grads(f as (...args: tf.Tensor[]) => tf.Tensor)(
      [x, filter, bias],
      tensor(inputs.dy),
    );
    (['x', 'filter', 'bias'] as const).forEach((input, i) => {
      closeTo(t, gradients[i], tensor(outputs[input]), {
        tolerance: tolerances.gradient,
        message: `d${input}`,
      });
    });
  });
}

test('a filter of ones sums the pixels under it, and zeros beyond the border', t => {
  const x = tf.reshape(tf.range(1, 10), [1, 3, 3, 1]) as tf.Tensor4D;
  const y = conv2d(x, tf.ones([3, 3, 1, 1]), null, {padding: 1});
  closeTo(t, y, tf.tensor4d([12, 21, 16, 27, 45, 33, 24, 39, 28], [1, 3, 3, 1]));
});

test('stride 2 with padding 1 starts at the border, where tfjs’s "same" starts inside', t => {
  const x = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]) as tf.Tensor4D;
  const y = conv2d(x, tf.ones([3, 3, 1, 1]), null, {padding: 1, stride: 2});
  closeTo(t, y, tf.tensor4d([10, 24, 51, 90], [1, 2, 2, 1]));
});

test('the lectures’ example: 32 × 32 × 3 by ten 5 × 5 filters, padded by 2, gives 32 × 32 × 10', t => {
  const y = conv2d(tf.zeros([1, 32, 32, 3]), tf.zeros([5, 5, 3, 10]), tf.zeros([10]), {padding: 2});
  t.deepEqual(y.shape, [1, 32, 32, 10]);
});

/** The definition, in seven loops. */
function naive(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  {strides, padding, dilations, groups}: ConvolutionAttrs,
): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const [kernelHeight, kernelWidth, groupChannels, outputs] = filter.shape;
  const rows = outputSize(height, kernelHeight, padding[0] + padding[1], strides[0], dilations[0]);
  const columns = outputSize(width, kernelWidth, padding[2] + padding[3], strides[1], dilations[1]);
  const [from, weights] = [x.dataSync(), filter.dataSync()];
  const y = tf.buffer<tf.Rank.R4>([batch, rows, columns, outputs]);
  for (const [n, i, j, k] of indices(y.shape)) {
    let sum = 0;
    const firstChannel = Math.floor(k / (outputs / groups)) * groupChannels;
    for (const [v, h, c] of indices([kernelHeight, kernelWidth, groupChannels])) {
      const row = i * strides[0] + v * dilations[0] - padding[0];
      const column = j * strides[1] + h * dilations[1] - padding[2];
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      const pixel = ((n * height + row) * width + column) * channels + firstChannel + c;
      sum += from[pixel] * weights[((v * kernelWidth + h) * groupChannels + c) * outputs + k];
    }
    y.set(sum, n, i, j, k);
  }
  return y.toTensor();
}

function* indices(shape: number[]): Generator<number[]> {
  if (shape.length === 0) yield [];
  else for (let i = 0; i < shape[0]; i++) for (const rest of indices(shape.slice(1))) yield [i, ...rest];
}

const upTo = (max: number, min = 1) => fc.integer({min, max});
const anyConvolution = fc.record({
  groups: upTo(3),
  perGroup: fc.tuple(upTo(2), upTo(2)),
  image: fc.tuple(upTo(2), upTo(7), upTo(7)),
  kernel: fc.tuple(upTo(3), upTo(3)),
  strides: fc.tuple(upTo(3), upTo(3)),
  padding: fc.tuple(upTo(3, 0), upTo(3, 0), upTo(3, 0), upTo(3, 0)),
  dilations: fc.tuple(upTo(3), upTo(3)),
});

test('any shape and option gives what the definition gives, and gradients that are its adjoints', t => {
  const property = fc.property(anyConvolution, ({groups, perGroup, image, kernel, ...geometry}) => {
    const attrs: ConvolutionAttrs = {...geometry, groups};
    const [n, height, width] = image;
    const {padding, strides, dilations} = attrs;
    fc.pre(outputSize(height, kernel[0], padding[0] + padding[1], strides[0], dilations[0]) > 0);
    fc.pre(outputSize(width, kernel[1], padding[2] + padding[3], strides[1], dilations[1]) > 0);
    tf.tidy(() => {
      const x = noise<tf.Rank.R4>([n, height, width, groups * perGroup[0]]);
      const filter = noise<tf.Rank.R4>([...kernel, perGroup[0], groups * perGroup[1]], 2);
      const f = (x: tf.Tensor, filter: tf.Tensor) =>
        conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, null, {
          stride: strides,
          padding,
          dilation: dilations,
          groups,
        });
      const y = f(x, filter);
      closeTo(t, y, naive(x, filter, attrs));
      // y is linear in x and in the filter, so Σ dy·y = Σ dx·x = Σ dFilter·filter for every dy.
      const dy = noise<tf.Rank.R4>(y.shape, 3);
      const [dx, dFilter] = tf.grads(f)([x, filter], dy);
      const expected = tf.sum(tf.mul(dy, y));
      closeTo(t, tf.sum(tf.mul(dx, x)), expected, {tolerance: tolerances.gradient});
      closeTo(t, tf.sum(tf.mul(dFilter, filter)), expected, {tolerance: tolerances.gradient});
    });
  });
  fc.assert(property, {numRuns: 60, seed: 1});
});

for (const options of [
  {stride: 2, padding: 1},
  {dilation: 2, padding: 2},
  {groups: 2},
  {groups: 4, stride: 2},
] satisfies Conv2dOptions[]) {
  test(`both gradients match differences: ${JSON.stringify(options)}`, t => {
    const {groups = 1} = options as Conv2dOptions;
    const x = noise<tf.Rank.R4>([1, 5, 5, 4]);
    const filter = noise<tf.Rank.R4>([3, 3, 4 / groups, 4], 2);
    gradCheck(t, x => conv2d(x, filter, null, options), x);
    gradCheck(t, filter => conv2d(x, filter, null, options), filter);
  });
}

test('a batch of no images gives none, and no gradient', t => {
  for (const options of [{padding: 1}, {dilation: 2}, {stride: 2}, {groups: 2}] satisfies Conv2dOptions[]) {
    const x = tf.zeros<tf.Rank.R4>([0, 5, 5, 2]);
    const filter = tf.ones<tf.Rank.R4>([3, 3, 'groups' in options ? 1 : 2, 4]);
    const f = (x: tf.Tensor, filter: tf.Tensor) =>
      conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, null, options);
    t.is(f(x, filter).shape[0], 0);
    const [dx, dFilter] = tf.grads(f)([x, filter]);
    t.deepEqual(dx.shape, x.shape);
    closeTo(t, dFilter, tf.zeros(filter.shape));
  }
});

test('outputSize floors where the stride does not fit', t => {
  t.is(outputSize(7, 3, 0, 3), 2);
  t.is(outputSize(8, 3, 0, 3), 2);
  t.is(outputSize(9, 3, 0, 3), 3);
  t.is(outputSize(227, 11, 0, 4), 55);
  t.is(outputSize(9, 3, 0, 1, 4), 1);
});

test('only results are kept, forward and backward', t => {
  const x = noise<tf.Rank.R4>([1, 5, 5, 4]);
  for (const options of [{}, {dilation: 2}, {groups: 2}, {stride: 2, padding: 1}]) {
    const filter = noise<tf.Rank.R4>([3, 3, 'groups' in options ? 2 : 4, 4], 2);
    keepsOnlyResults(t, () => conv2d(x, filter, null, options));
    keepsOnlyResults(t, () =>
      tf.grads((x, filter) => conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, null, options))([x, filter]),
    );
    filter.dispose();
  }
});

test('errors say what was expected, what came and what to do', t => {
  const x = tf.zeros<tf.Rank.R4>([1, 5, 6, 4]);
  const throws = (run: () => unknown, message: RegExp) => t.throws(run, {message});
  throws(
    () => conv2d(wrong([5, 6, 4]), tf.zeros([3, 3, 4, 8])),
    /x must have shape \[N, H, W, C\], got \[5, 6, 4\]/,
  );
  throws(
    () => conv2d(x, tf.zeros([8, 4, 3, 3])),
    /a multiple of groups; C is 4 and groups 1, got \[8, 4, 3, 3\]/,
  );
  throws(
    () => conv2d(x, tf.zeros([3, 3, 4, 8]), tf.zeros([4])),
    /bias must have shape \[K\], got \[4\], but K is 8/,
  );
  throws(
    () => conv2d(x, tf.zeros([7, 7, 4, 8]), null, {stride: 2}),
    /empty: height floor\(\(5 \+ 0 \+ 0 − 1·\(7 − 1\) − 1\) \/ 2\) \+ 1 = 0\. Pad the image/,
  );
  throws(
    () => conv2d(x, tf.zeros([3, 3, 4, 8]), null, {stride: 0}),
    /stride must be integers of 1 or more, got 0, 0/,
  );
  throws(
    () => conv2d(x, tf.zeros([3, 3, 4, 8]), null, {padding: -1}),
    /padding must be integers of 0 or more/,
  );
  throws(
    () => conv2d(tf.zeros([1, 5, 6, 4], 'int32'), tf.zeros([3, 3, 4, 8])),
    /x must be float32, got int32/,
  );
});
