// The losses of single numbers: boxes' coordinates and logits.
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {
  type SigmoidFocalLossOptions,
  sigmoidCrossEntropy,
  sigmoidFocalLoss,
} from '../../src/ops/sigmoidFocalLoss.js';
import {type SmoothL1LossOptions, smoothL1Loss} from '../../src/ops/smoothL1Loss.js';
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

type L1Case = Golden<SmoothL1LossOptions, 'prediction' | 'target' | 'dy', 'y' | 'prediction' | 'target'>;

for (const {name, options, inputs, outputs} of golden<L1Case>('smooth_l1')) {
  test(`PyTorch gives the same smooth L1 and gradients: ${name}`, t => {
    const f = (a: tf.Tensor, b: tf.Tensor) => smoothL1Loss(a, b, options);
    const [prediction, target] = [tensor(inputs.prediction), tensor(inputs.target)];
    closeTo(t, f(prediction, target), tensor(outputs.y));
    const [first, second] = tf.grads(f)([prediction, target], tensor(inputs.dy));
    closeTo(t, first, tensor(outputs.prediction), {tolerance: tolerances.gradient});
    closeTo(t, second, tensor(outputs.target), {tolerance: tolerances.gradient});
  });
}

type SigmoidCase = Golden<
  SigmoidFocalLossOptions,
  'logits' | 'targets' | 'weights' | 'dy',
  'y' | 'logits'
> & {
  loss: 'entropy' | 'weighted' | 'focal';
};

for (const {name, loss, options, inputs, outputs} of golden<SigmoidCase>('sigmoid_losses')) {
  test(`PyTorch gives the same loss of a sigmoid and gradient: ${name}`, t => {
    const targets = tensor(inputs.targets);
    const {reduction} = options;
    const f = {
      entropy: (x: tf.Tensor) => sigmoidCrossEntropy(x, targets, {...(reduction && {reduction})}),
      weighted: (x: tf.Tensor) =>
        sigmoidCrossEntropy(x, targets, {weights: tensor(inputs.weights), ...(reduction && {reduction})}),
      focal: (x: tf.Tensor) => sigmoidFocalLoss(x, targets, options),
    }[loss];
    closeTo(t, f(tensor(inputs.logits)), tensor(outputs.y));
    const gradient = tf.grad(f)(tensor(inputs.logits), tensor(inputs.dy));
    closeTo(t, gradient, tensor(outputs.logits), {tolerance: tolerances.gradient});
  });
}

test('the gradients match differences', t => {
  const targets = tf.reshape(tf.tensor1d([0, 1, 0.3, 1, 0, 0.9]), [2, 3]);
  const x = noise<tf.Rank.R2>([2, 3]);
  for (const gamma of [0, 0.5, 2, 3]) {
    gradCheck(t, logits => sigmoidFocalLoss(logits, targets, {gamma, reduction: 'none'}), x);
  }
  gradCheck(t, logits => sigmoidCrossEntropy(logits, targets, {reduction: 'none'}), x);
  gradCheck(t, a => smoothL1Loss(a, targets, {beta: 0.5, reduction: 'none'}), x);
});

test('a logit of any size has a finite loss and gradient', t => {
  const logits = tf.tensor1d([-1000, 1000, -90, 90, -1000, 1000]);
  const targets = tf.tensor1d([0, 1, 0, 1, 1, 0]);
  for (const gamma of [0, 0.5, 1, 2]) {
    const loss = sigmoidFocalLoss(logits, targets, {gamma, alpha: -1, reduction: 'none'});
    closeTo(t, loss, tf.tensor1d([0, 0, 0, 0, 1000, 1000]));
    const gradient = tf
      .grad(x => sigmoidFocalLoss(x, targets, {gamma, alpha: -1}))(logits)
      .dataSync();
    t.true(gradient.every(Number.isFinite), `gamma ${gamma}: ${gradient}`);
  }
});

test('a loss of nothing is 0, and only the result is kept', t => {
  const [none, x] = [tf.zeros([0, 4]), noise<tf.Rank.R1>([6])];
  for (const loss of [smoothL1Loss, sigmoidCrossEntropy, sigmoidFocalLoss]) {
    closeTo(t, loss(none, none), tf.scalar(0));
    keepsOnlyResults(t, () => loss(x, x));
    keepsOnlyResults(t, () => tf.grad(a => loss(a, x))(x));
  }
});

test('errors say what was expected, what came and what to do', t => {
  const [x, y] = [tf.zeros([2, 3]), tf.zeros([3, 2])];
  t.throws(() => smoothL1Loss(x, y), {
    message: 'smoothL1Loss: the shapes must be equal, got [2,3] and [3,2].',
  });
  t.throws(() => smoothL1Loss(x, x, {beta: -1}), {message: /beta must be 0 or more, got -1/});
  t.throws(() => sigmoidCrossEntropy(x, y), {message: /logits and targets must have one shape/});
  t.throws(() => sigmoidFocalLoss(x, tf.cast(x, 'int32')), {message: /targets must be float32, got int32/});
  t.throws(() => sigmoidFocalLoss(x, x, {gamma: NaN}), {message: /gamma must be 0 or more/});
});
