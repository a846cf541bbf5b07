import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type BoxLossOptions, ciouLoss, diouLoss, giouLoss, iouLoss} from '../../src/ops/boxLosses.js';
import {
  closeTo,
  type Golden,
  golden,
  gradCheck,
  keepsOnlyResults,
  noFallbacks,
  registerOps,
  tensor,
  tolerances,
  wrong,
} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

const losses = {iou: iouLoss, giou: giouLoss, diou: diouLoss, ciou: ciouLoss};
type Name = keyof typeof losses;
type Case = Golden<BoxLossOptions, 'prediction' | 'target' | 'dy', 'y' | 'prediction' | 'target'> & {
  loss: Name;
};

for (const {name, loss, options, inputs, outputs} of golden<Case>('box_losses')) {
  test(`torchvision gives the same loss and gradients: ${name}`, t => {
    const f = (a: tf.Tensor, b: tf.Tensor) => losses[loss](a as tf.Tensor2D, b as tf.Tensor2D, options);
    const [prediction, target] = [tensor(inputs.prediction), tensor(inputs.target)];
    closeTo(t, f(prediction, target), tensor(outputs.y));
    const [first, second] = tf.grads(f)([prediction, target], tensor(inputs.dy));
    closeTo(t, first, tensor(outputs.prediction), {tolerance: tolerances.gradient});
    closeTo(t, second, tensor(outputs.target), {tolerance: tolerances.gradient});
  });
}

const boxes = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, 4]);

for (const [name, loss] of Object.entries(losses)) {
  test(`${name} of a box with itself is 0, and odd boxes stay finite`, t => {
    const same = boxes([1, 2, 4, 6]);
    closeTo(t, loss(same, same), tf.scalar(0));
    const odd = boxes([1, 1, 1, 1], [0, 0, 0, 3], [5, 5, 2, 2], [0, 0, 2, 2], [0, 0, 4, 0], [1, 1, 1, 1]);
    const truth = boxes(
      [0, 0, 2, 2],
      [0, 0, 2, 2],
      [0, 0, 2, 2],
      [100, 100, 101, 101],
      [0, 0, 2, 2],
      [1, 1, 1, 1],
    );
    const gradient = tf
      .grad(x => loss(x as tf.Tensor2D, truth))(odd)
      .dataSync();
    t.true(gradient.every(Number.isFinite), String(gradient));
  });

  test(`${name} of no boxes costs nothing`, t => {
    const none = tf.zeros<tf.Rank.R2>([0, 4]);
    closeTo(t, loss(none, none), tf.scalar(0));
    t.deepEqual(loss(none, none, {reduction: 'none'}).shape, [0]);
    t.deepEqual(tf.grad(x => loss(x as tf.Tensor2D, none))(none).shape, [0, 4]);
  });

  test(`${name} keeps only its result`, t => {
    const [a, b] = [boxes([1, 2, 4, 6]), boxes([1.5, 1.7, 4.5, 5])];
    keepsOnlyResults(t, () => loss(a, b));
    keepsOnlyResults(t, () => tf.grad(x => loss(x as tf.Tensor2D, b))(a));
  });
}

test('the loss of overlaps alone is one minus their share of both', t => {
  const target = boxes([0, 0, 2, 2], [0, 0, 2, 2], [0, 0, 2, 2]);
  const prediction = boxes([0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 7, 7]);
  closeTo(t, iouLoss(prediction, target, {reduction: 'none'}), tf.tensor1d([0, 2 / 3, 1]));
});

test('the gradients match differences, but for the weight of the ratio, which is a constant', t => {
  const target = boxes([1, 1, 4, 3], [0, 0, 2, 2]);
  const prediction = boxes([1.3, 0.7, 4.4, 3.5], [5, 5, 7, 8]);
  gradCheck(t, x => iouLoss(x, target, {reduction: 'none'}), boxes([1.3, 0.7, 4.4, 3.5], [0.5, 0.5, 3, 3]));
  gradCheck(t, x => giouLoss(x, target, {reduction: 'none'}), prediction);
  gradCheck(t, x => diouLoss(x, target, {reduction: 'none'}), prediction);
});

test('a wrong shape is named', t => {
  t.throws(() => giouLoss(tf.zeros([2, 4]), wrong([3, 4])), {
    message: 'giouLoss: target must have shape [K, 4], got [3, 4], but K is 2 in prediction.',
  });
});
