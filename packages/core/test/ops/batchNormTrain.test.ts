import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {batchNorm} from '../../src/ops/batchNorm.js';
import {type BatchNormOptions, batchNormTrain} from '../../src/ops/batchNormTrain.js';
import {
  closeTo,
  type Golden,
  type GoldenTensor,
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

type Name = 'x' | 'gamma' | 'beta' | 'mean' | 'variance';
type Case = Golden<BatchNormOptions, Name | 'dy', 'y' | 'mean' | 'variance'> & {
  training: boolean;
  gradients: Partial<Record<Name, GoldenTensor>>;
};
const cases = golden<Case>('batch_norm');

for (const {name, options, inputs, outputs, gradients, training} of cases) {
  test(`PyTorch gives the same values and gradients: ${name}`, t => {
    const names = Object.keys(gradients) as Name[];
    const f = (...[x, gamma, beta, mean, variance]: tf.Tensor1D[]): tf.Tensor =>
      training
        ? batchNormTrain(x, gamma, beta, options).y
        : batchNorm(x, gamma, beta, mean, variance, options);
    const leaves = names.map(name => tensor<tf.Tensor1D>(inputs[name]));
    closeTo(t, f(...leaves), tensor(outputs.y));
    if (training) {
      const [x, gamma, beta] = leaves;
      const {mean, variance} = batchNormTrain(x, gamma, beta, options);
      closeTo(t, mean, tensor(outputs.mean));
      closeTo(t, variance, tensor(outputs.variance));
    }
    const dLeaves = tf.grads(f as (...args: tf.Tensor[]) => tf.Tensor)(leaves, tensor(inputs.dy));
    names.forEach((name, i) => {
      const expected = tensor(gradients[name] as GoldenTensor);
      closeTo(t, dLeaves[i], expected, {tolerance: tolerances.gradient, message: `d${name}`});
    });
  });
}

const x = () => noise<tf.Rank.R4>([3, 2, 2, 3]);
const gamma = () => tf.tensor1d([0.5, -1.5, 1]);
const beta = () => tf.tensor1d([0.1, 0.2, -0.3]);

test('each channel comes out with mean beta and deviation |gamma|', t => {
  const {y} = batchNormTrain(x(), gamma(), beta(), {epsilon: 0});
  const {mean, variance} = tf.moments(y, [0, 1, 2]);
  closeTo(t, mean, beta());
  closeTo(t, tf.sqrt(variance), tf.abs(gamma()));
});

test('training and inference agree on the statistics of the batch itself', t => {
  for (const relu of [false, true]) {
    const {y, mean, variance} = batchNormTrain(x(), gamma(), beta(), {relu});
    closeTo(t, batchNorm(x(), gamma(), beta(), mean, variance, {relu}), y);
  }
});

test('values far from zero keep their variance', t => {
  const far = tf.add(x(), 1000);
  const {variance} = batchNormTrain(far, gamma(), beta());
  closeTo(t, variance, tf.moments(x(), [0, 1, 2]).variance as tf.Tensor, {tolerance: 1e-4});
});

for (const relu of [false, true]) {
  test(`the gradients match differences, relu: ${relu}`, t => {
    gradCheck(t, x => batchNormTrain(x, gamma(), beta(), {relu}).y, x());
    gradCheck(t, gamma => batchNormTrain(x(), gamma, beta(), {relu}).y, gamma());
    gradCheck(t, beta => batchNormTrain(x(), gamma(), beta, {relu}).y, beta());
    const [mean, variance] = [tf.tensor1d([0, 0.1, -0.2]), tf.tensor1d([0.5, 1, 2])];
    gradCheck(t, x => batchNorm(x, gamma(), beta(), mean, variance, {relu}), x());
    gradCheck(t, mean => batchNorm(x(), gamma(), beta(), mean, variance, {relu}), mean);
    gradCheck(t, variance => batchNorm(x(), gamma(), beta(), mean, variance, {relu}), variance);
  });
}

test('only results are kept, forward and backward', t => {
  const [a, b, c] = [x(), gamma(), beta()];
  keepsOnlyResults(t, () => batchNormTrain(a, b, c, {relu: true}));
  keepsOnlyResults(t, () =>
    tf.grads((x, gamma, beta) => batchNormTrain(x, gamma as tf.Tensor1D, beta as tf.Tensor1D).y)([a, b, c]),
  );
  keepsOnlyResults(t, () => tf.grad(x => batchNormTrain(x, b, c, {relu: true}).y)(a));
  keepsOnlyResults(t, () => tf.grad(x => batchNorm(x, b, c, b, c, {relu: true}))(a));
});

test('errors say what was expected, what came and what to do', t => {
  t.throws(() => batchNormTrain(x(), tf.ones([4]), beta()), {
    message: /gamma must have shape \[C\], got \[4\], but C is 3 in x/,
  });
  t.throws(() => batchNormTrain(tf.zeros([0, 3]), gamma(), beta()), {
    message: /x has no values to average, its shape is \[0, 3\]/,
  });
  t.throws(() => batchNorm(x(), gamma(), beta(), gamma(), wrong([3, 1])), {
    message: /variance must have shape \[C\]/,
  });
});
