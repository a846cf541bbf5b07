import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {parameter} from '../../src/nn/parameter.js';
import {batchNorm} from '../../src/ops/batchNorm.js';
import {conv2d} from '../../src/ops/conv2d.js';
import {type FusedActivation, fusedConv2d} from '../../src/ops/fusedConv2d.js';
import {Sgd} from '../../src/optim/sgd.js';
import {closeTo, gradCheck, keepsOnlyResults, noFallbacks, noise, registerOps, wrong} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

const activations: FusedActivation[] = [
  'linear',
  'relu',
  'leaky',
  'relu6',
  'sigmoid',
  'swish',
  'mish',
  'tanh',
  'elu',
];

const norm = (channels: number) => ({
  gamma: noise<tf.Rank.R1>([channels], 3),
  beta: noise<tf.Rank.R1>([channels], 4),
  mean: noise<tf.Rank.R1>([channels], 5),
  variance: tf.abs(noise<tf.Rank.R1>([channels], 6)),
  epsilon: 1e-3,
});

test('by hand: twice the pixel, less a half of a variance of four, plus the residual, through a leak', t => {
  const y = fusedConv2d(tf.tensor4d([1, -3], [1, 1, 2, 1]), tf.tensor4d([2], [1, 1, 1, 1]), {
    bias: tf.tensor1d([1]),
    norm: {
      gamma: tf.tensor1d([3]),
      beta: tf.tensor1d([0.5]),
      mean: tf.tensor1d([2]),
      variance: tf.tensor1d([3]),
      epsilon: 1,
    },
    residual: tf.tensor4d([10, 1], [1, 1, 2, 1]),
    activation: 'leaky',
    slope: 0.25,
  });
  // (2 · 1 + 1 − 2) · 3 / 2 + 0.5 + 10, and 0.25 · ((2 · −3 + 1 − 2) · 3 / 2 + 0.5 + 1)
  closeTo(t, y, tf.tensor4d([12, -2.25], [1, 1, 2, 1]));
});

test('a small convolution that threads share is the same each time, after a pause and at once', async t => {
  const x = noise<tf.Rank.R4>([1, 40, 40, 16], 1);
  const filter = noise<tf.Rank.R4>([1, 1, 16, 96], 2);
  const expected = conv2d(x, filter);
  for (let round = 0; round < 40; round++) {
    if (round % 8 === 0) await new Promise(resolve => setTimeout(resolve, 2)); // the others went to sleep
    const y = fusedConv2d(x, filter);
    closeTo(t, y, expected);
    y.dispose();
  }
});

// So many multiplications that an engine may keep a form of the filters for the next call.
const large = () => noise<tf.Rank.R4>([1, 30, 31, 64], 1);

for (const groups of [1, 2]) {
  test(`large filters in ${groups} groups are what their parts are, with uneven padding and a residual`, t => {
    const filter = noise<tf.Rank.R4>([3, 3, 64 / groups, 48], 2);
    const options = {groups, padding: [0, 1, 2, 1] as [number, number, number, number]};
    const parts = conv2d(large(), filter, noise<tf.Rank.R1>([48], 7), options);
    const residual = noise<tf.Rank.R4>([1, 29, 32, 48], 8);
    const {gamma, beta, mean, variance, epsilon} = norm(48);
    const normed = batchNorm(parts, gamma, beta, mean, variance, {epsilon});
    const end = {...options, bias: noise<tf.Rank.R1>([48], 7), norm: norm(48)};
    for (let call = 0; call < 2; call++) {
      closeTo(t, fusedConv2d(large(), filter, {...end, activation: 'relu'}), tf.relu(normed), {
        tolerance: 1e-3,
      });
      closeTo(
        t,
        fusedConv2d(large(), filter, {...end, residual, activation: 'relu'}),
        tf.relu(tf.add(normed, residual)),
        {tolerance: 1e-3},
      );
      closeTo(t, fusedConv2d(large(), filter, {...end, activation: 'elu'}), tf.elu(normed), {
        tolerance: 1e-3,
      });
    }
  });
}

test('a large filter counts as it is now: after it was assigned, and after an optimizer changed it in place', t => {
  const x = large();
  const filter = parameter(noise<tf.Rank.R4>([3, 3, 64, 32], 2));
  const isCurrent = () => {
    const expected = tf.tidy(() => conv2d(x, tf.add(filter, 0) as tf.Tensor4D));
    closeTo(t, fusedConv2d(x, filter), expected, {tolerance: 1e-3});
    return expected;
  };
  const first = isCurrent();
  filter.assign(tf.mul(filter, -1));
  const second = isCurrent();
  closeTo(t, second, tf.neg(first), {tolerance: 1e-3});
  new Sgd([filter], {learningRate: 1}).step({[filter.name]: tf.mul(filter, 0.5)});
  closeTo(t, isCurrent(), tf.mul(second, 0.5), {tolerance: 1e-3});
});

test('a norm that changes behind a large filter counts as it is now', t => {
  const x = large();
  const filter = noise<tf.Rank.R4>([3, 3, 64, 32], 2);
  const mean = parameter(tf.zeros<tf.Rank.R1>([32]));
  const end = {
    norm: {...norm(32), gamma: tf.ones<tf.Rank.R1>([32]), variance: tf.ones<tf.Rank.R1>([32]), mean},
  };
  const before = fusedConv2d(x, filter, end);
  mean.assign(tf.fill([32], Math.sqrt(1 + 1e-3)));
  closeTo(t, fusedConv2d(x, filter, end), tf.sub(before, 1), {tolerance: 1e-3});
});

const side = fc.integer({min: 1, max: 4});
const margin = fc.integer({min: 0, max: 3});
const geometry = fc.record({
  images: fc.integer({min: 0, max: 2}),
  // Around the widths of registers, where the kernels change.
  channels: fc.constantFrom(1, 3, 4, 8, 17, 24, 33),
  outputs: fc.constantFrom(1, 3, 4, 8, 15, 16, 17, 24, 33, 40),
  depthwise: fc.boolean(),
  kernel: fc.tuple(side, side),
  room: fc.tuple(fc.integer({min: 0, max: 6}), fc.integer({min: 0, max: 22})),
  stride: fc.tuple(fc.integer({min: 1, max: 3}), fc.integer({min: 1, max: 3})),
  dilation: fc.tuple(fc.integer({min: 1, max: 2}), fc.integer({min: 1, max: 2})),
  padding: fc.tuple(margin, margin, margin, margin),
  activation: fc.constantFrom(...activations),
  biased: fc.boolean(),
  normed: fc.boolean(),
  added: fc.boolean(),
});

test('in one pass it is what its parts are one after another, for any geometry', t => {
  const same = fc.property(
    geometry,
    ({images, channels, kernel, room, stride, dilation, padding, activation, ...g}) => {
      tf.tidy(() => {
        const outputs = g.depthwise ? channels : g.outputs;
        const size = [0, 1].map(i => dilation[i] * (kernel[i] - 1) + 1 + room[i]);
        const x = noise<tf.Rank.R4>([images, size[0], size[1], channels], 1);
        const filter = noise<tf.Rank.R4>([...kernel, g.depthwise ? 1 : channels, outputs], 2);
        const options = {stride, dilation, padding, groups: g.depthwise ? channels : 1};
        const bias = g.biased ? noise<tf.Rank.R1>([outputs], 7) : null;
        const plain = fusedConv2d(x, filter, options);
        const all = {
          ...options,
          bias,
          norm: g.normed ? norm(outputs) : null,
          residual: g.added ? noise<tf.Rank.R4>(plain.shape, 8) : null,
          activation,
        };
        const {value} = tf.valueAndGrad((image: tf.Tensor4D) => fusedConv2d(image, filter, all))(x);
        closeTo(t, fusedConv2d(x, filter, all), value, {tolerance: 3e-5});
      });
    },
  );
  fc.assert(same, {numRuns: 60, seed: 1});
});

test('infinities end where a ReLU ends them, and what is no number stays so', t => {
  const one = tf.ones<tf.Rank.R4>([1, 1, 1, 1]);
  // The kernels of tfjs's wasm engine take NaN for 0.
  const strange = tf.getBackend() === 'wasm' ? [] : [Number.NaN];
  const through = (activation: FusedActivation) => {
    const x = tf.tensor4d([-Infinity, Infinity, ...strange], [1, 1, 2 + strange.length, 1]);
    return [...fusedConv2d(x, one, {activation}).dataSync()];
  };
  t.deepEqual(through('relu'), [0, Infinity, ...strange]);
  t.deepEqual(through('relu6'), [0, 6, ...strange]);
  t.deepEqual(through('leaky'), [-Infinity, Infinity, ...strange]);
});

test('gradients reach images, filters and the norm', t => {
  const options = {padding: 1, norm: norm(3), activation: 'swish'} as const;
  const x = noise<tf.Rank.R4>([1, 4, 3, 2]);
  const filter = noise<tf.Rank.R4>([3, 3, 2, 3], 2);
  gradCheck(t, image => fusedConv2d(image, filter, options), x);
  gradCheck(t, weights => fusedConv2d(x, weights, options), filter);
  const {gamma} = options.norm;
  gradCheck(t, scale => fusedConv2d(x, filter, {...options, norm: {...options.norm, gamma: scale}}), gamma);
});

test('nothing is left behind', t => {
  const [x, filter] = [noise<tf.Rank.R4>([1, 5, 5, 2]), noise<tf.Rank.R4>([3, 3, 2, 4], 2)];
  const options = {norm: norm(4), residual: noise<tf.Rank.R4>([1, 3, 3, 4], 9)};
  for (const activation of activations) {
    keepsOnlyResults(t, () => fusedConv2d(x, filter, {...options, activation}));
  }
});

test('a filter that does not fit is told of under the name that was called', t => {
  const x = noise<tf.Rank.R4>([1, 5, 5, 2]);
  t.throws(() => fusedConv2d(x, wrong([3, 3, 3, 4])), {instanceOf: TypeError, message: /^fusedConv2d: /});
  t.throws(() => fusedConv2d(x, wrong([7, 7, 2, 4])), {instanceOf: RangeError, message: /^fusedConv2d: /});
});
