import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {Conv2d, init, Linear, Random} from '../../src/index.js';
import {registerOps} from '../support.js';

test.before(registerOps);

const shape: [number, number, number, number] = [3, 5, 20, 40];
const [fanIn, fanOut] = [3 * 5 * 20, 3 * 5 * 40];

function statistics(initializer: init.Initializer, of: number[] = shape) {
  const values = initializer(of as typeof shape, new Random(1)).dataSync<'float32'>();
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const moment = (n: number) => values.reduce((sum, v) => sum + (v - mean) ** n, 0) / values.length;
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return {mean, std: Math.sqrt(moment(2)), kurtosis: moment(4) / moment(2) ** 2, largest};
}

const uniform = (bound: number) => ({std: bound / Math.sqrt(3), kurtosis: 1.8, largest: bound});
const normal = (std: number) => ({std, kurtosis: 3, largest: Infinity});
// Φ(2) − Φ(−2) and the density at 2 give the moments of a normal distribution that is cut there.
const truncated = {std: 0.8796, kurtosis: 2.3656, largest: 2};

const table: [string, init.Initializer, {std: number; kurtosis: number; largest: number}][] = [
  ['kaimingNormal()', init.kaimingNormal(), normal(Math.sqrt(2 / fanIn))],
  ['kaimingNormal, fanOut', init.kaimingNormal({mode: 'fanOut'}), normal(Math.sqrt(2 / fanOut))],
  ['kaimingUniform()', init.kaimingUniform(), uniform(Math.sqrt(6 / fanIn))],
  [
    'kaimingUniform, gain of tanh',
    init.kaimingUniform({gain: init.gain('tanh')}),
    uniform((5 / 3) * Math.sqrt(3 / fanIn)),
  ],
  [
    'kaimingNormal, leaky',
    init.kaimingNormal({gain: init.gain('leakyRelu', 0.5)}),
    normal(Math.sqrt(2 / 1.25 / fanIn)),
  ],
  ['xavierNormal()', init.xavierNormal(), normal(Math.sqrt(2 / (fanIn + fanOut)))],
  ['xavierUniform(2)', init.xavierUniform(2), uniform(2 * Math.sqrt(6 / (fanIn + fanOut)))],
  ['defaultWeight', init.defaultWeight, uniform(1 / Math.sqrt(fanIn))],
  ['uniform(-3, 3)', init.uniform(-3, 3), uniform(3)],
  ['normal(0, 0.01)', init.normal(0, 0.01), normal(0.01)],
  ['truncatedNormal()', init.truncatedNormal(), truncated],
];

for (const [name, initializer, expected] of table) {
  test(`${name} has the moments that its formula gives`, t => {
    const {mean, std, kurtosis, largest} = statistics(initializer);
    t.true(Math.abs(mean) < 0.04 * expected.std, `mean ${mean}`);
    t.true(Math.abs(std / expected.std - 1) < 0.02, `standard deviation ${std}, expected ${expected.std}`);
    t.true(
      Math.abs(kurtosis - expected.kurtosis) < 0.2,
      `kurtosis ${kurtosis}, expected ${expected.kurtosis}`,
    );
    t.true(largest <= expected.largest * (1 + 1e-6), `largest ${largest}`);
    if (Number.isFinite(expected.largest)) t.true(largest > 0.99 * expected.largest, `largest ${largest}`);
  });
}

test('a matrix has its inputs on the second axis', t => {
  const {std} = statistics(init.kaimingNormal(), [200, 50]);
  t.true(Math.abs(std / Math.sqrt(2 / 50) - 1) < 0.03);
});

test('a mean and a standard deviation of its own', t => {
  const {mean, std} = statistics(init.normal(5, 2));
  t.true(Math.abs(mean - 5) < 0.08 && Math.abs(std - 2) < 0.05);
});

test('constants are constant, and a vector has no fan', t => {
  const values = (initializer: init.Initializer) =>
    Array.from(initializer<tf.Rank.R1>([3], new Random(0)).dataSync());
  t.deepEqual(values(init.zeros), [0, 0, 0]);
  t.deepEqual(values(init.ones), [1, 1, 1]);
  t.deepEqual(values(init.constant(0.25)), [0.25, 0.25, 0.25]);
  t.throws(() => values(init.kaimingNormal()), {message: /filters.*matrices.*got shape \[3\]/});
});

test('filters are drawn output by output, whatever their layout', t => {
  const filter = init.uniform(0, 1)<tf.Rank.R4>([2, 3, 4, 5], new Random(2));
  const flat = init.uniform(0, 1)<tf.Rank.R1>([120], new Random(2));
  t.deepEqual(tf.transpose(filter, [3, 0, 1, 2]).dataSync(), flat.dataSync());
});

test('layers start as those of PyTorch do, bias included', t => {
  const linear = new Linear(400, 900, {random: new Random(3)});
  const conv = new Conv2d(16, 300, {kernelSize: 5, random: new Random(3)});
  for (const variable of [linear.weight, linear.bias, conv.weight, conv.bias]) {
    const values = variable?.dataSync() ?? [];
    const largest = (values as Float32Array).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    t.true(largest <= 1 / 20 && largest > 0.98 / 20, `largest ${largest}, expected 1 / √400`);
  }
  const he = new Linear(2, 2, {init: init.ones, bias: false});
  t.deepEqual(Array.from(he.weight.dataSync()), [1, 1, 1, 1]);
  t.is(he.bias, null);
});
