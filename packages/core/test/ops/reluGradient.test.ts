import {
  addRelu,
  BatchNorm2d,
  batchNorm,
  Conv2d,
  FrozenBatchNorm2d,
  Relu,
  type ReluRule,
  Sequential,
  variableGrads,
  withReluRule,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, noFallbacks, registerOps} from '../support.ts';

test.before(registerOps);
test.after(noFallbacks);

/** By hand: which of `dy` passes where the input was negative or positive. */
const input = [-1, 2, -3, 4];
const upstream = [5, 6, -7, -8];
const passed: Record<ReluRule, number[]> = {
  gradient: [0, 6, 0, -8],
  guided: [0, 6, 0, 0],
  deconvnet: [5, 6, 0, 0],
};

const image = () => tf.tensor4d(input, [1, 2, 2, 1]);
const dy = () => tf.tensor4d(upstream, [1, 2, 2, 1]);
const one = () => tf.ones<tf.Rank.R1>([1]);
const zero = () => tf.zeros<tf.Rank.R1>([1]);
const exact = {epsilon: 0};

/** Each computes ReLU(x). */
const forms: Record<string, (x: tf.Tensor4D) => tf.Tensor4D> = {
  'tf.relu': x => tf.relu(x),
  'the module Relu': x => new Relu().forward(x),
  addRelu: x => addRelu(x, tf.zerosLike(x)),
  'batch norm in evaluation': x => batchNorm(x, one(), zero(), zero(), one(), {...exact, relu: true}),
  'frozen batch norm': x => new FrozenBatchNorm2d(1, exact).forward(x, {relu: true}),
  'a fused convolution of tfjs': x =>
    tf.fused.conv2d({
      x,
      filter: tf.ones<tf.Rank.R4>([1, 1, 1, 1]),
      strides: 1,
      pad: 0,
      activation: 'relu',
    }),
};

for (const [name, form] of Object.entries(forms)) {
  for (const rule of ['gradient', 'guided', 'deconvnet'] as const) {
    test.serial(`${name} passes back what ${rule} says, and afterwards the gradient again`, t => {
      const expected = tf.tensor4d(passed[rule], [1, 2, 2, 1]);
      closeTo(
        t,
        withReluRule(rule, () => tf.grad(form as (x: tf.Tensor) => tf.Tensor)(image(), dy())),
        expected,
      );
      closeTo(
        t,
        tf.grad(form as (x: tf.Tensor) => tf.Tensor)(image(), dy()),
        tf.tensor4d(passed.gradient, [1, 2, 2, 1]),
      );
    });
  }
}

test.serial('batch norm in training has the same rules before its own gradient', t => {
  const fused = new BatchNorm2d(1);
  const apart = new BatchNorm2d(1);
  for (const rule of ['gradient', 'guided', 'deconvnet'] as const) {
    const [a, b] = withReluRule(rule, () => [
      tf.grad(x => fused.forward(x as tf.Tensor4D, {relu: true}))(image(), dy()),
      tf.grad(x => tf.relu(apart.forward(x as tf.Tensor4D)))(image(), dy()),
    ]);
    closeTo(t, a, b, {tolerance: 1e-4, message: rule});
  }
});

test.serial('two layers by hand: the rule holds at each of them, and for parameters too', t => {
  const first = new Conv2d(1, 2, {kernelSize: 1, bias: false});
  const second = new Conv2d(2, 1, {kernelSize: 1, bias: false});
  first.weight.assign(tf.tensor4d([1, -1], [1, 1, 1, 2]));
  second.weight.assign(tf.tensor4d([3, -2], [1, 1, 2, 1]));
  const net = new Sequential(first, new Relu(), second, new Relu());
  const back = (rule: ReluRule, x: number) =>
    withReluRule(
      rule,
      () =>
        tf
          .grad(v => net.forward(v))(tf.tensor4d([x], [1, 1, 1, 1]))
          .dataSync()[0],
    );
  // x = 2: hidden 2 and 0, score 6. 3 goes back by the first unit; by the second -2 meets a closed unit.
  t.deepEqual([back('gradient', 2), back('guided', 2), back('deconvnet', 2)], [3, 3, 3]);
  // x = -2: hidden 0 and 2, score -4 cut to 0: only the deconvnet goes back, by the positive weight of the closed unit.
  t.deepEqual([back('gradient', -2), back('guided', -2), back('deconvnet', -2)], [0, 0, 3]);
  const {grads} = withReluRule('deconvnet', () =>
    variableGrads(() => tf.sum(net.forward(tf.tensor4d([-2], [1, 1, 1, 1]))) as tf.Scalar, [first.weight]),
  );
  t.deepEqual([...Object.values(grads)[0].dataSync()], [-6, 0]);
});

test.serial('an error ends the rule, and async work is refused', t => {
  t.throws(() =>
    withReluRule('deconvnet', () => {
      throw new Error('stop');
    }),
  );
  t.throws(() => withReluRule('guided', () => Promise.resolve()), {message: /synchronous/});
  closeTo(t, tf.grad(x => tf.relu(x))(image(), dy()), tf.tensor4d(passed.gradient, [1, 2, 2, 1]));
});
