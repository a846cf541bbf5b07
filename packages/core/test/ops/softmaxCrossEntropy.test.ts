import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type SoftmaxCrossEntropyOptions, softmaxCrossEntropy} from '../../src/ops/softmaxCrossEntropy.js';
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

type Case = Golden<SoftmaxCrossEntropyOptions, 'logits' | 'labels' | 'weights' | 'dy', 'loss' | 'logits'>;

for (const {name, options, inputs, outputs} of golden<Case>('softmax_cross_entropy')) {
  test(`PyTorch gives the same loss and gradient: ${name}`, t => {
    const labels = tensor<tf.Tensor1D>(inputs.labels, 'int32');
    const weights = inputs.weights && tensor<tf.Tensor1D>(inputs.weights);
    const f = (logits: tf.Tensor) =>
      softmaxCrossEntropy(logits as tf.Tensor2D, labels, {...options, weights});
    const logits = tensor(inputs.logits);
    closeTo(t, f(logits), tensor(outputs.loss));
    const gradient = tf.grad(f)(logits, tensor(inputs.dy));
    closeTo(t, gradient, tensor(outputs.logits), {tolerance: tolerances.gradient});
  });
}

const labels = (...values: number[]) => tf.tensor1d(values, 'int32');

test('equal logits cost log C', t => {
  closeTo(t, softmaxCrossEntropy(tf.zeros([3, 10]), labels(0, 4, 9)), tf.scalar(Math.log(10)));
});

test('logits of a thousand overflow nothing', t => {
  const logits = tf.tensor2d([
    [1000, 0],
    [-1000, 0],
  ]);
  closeTo(t, softmaxCrossEntropy(logits, labels(0, 0), {reduction: 'none'}), tf.tensor1d([0, 1000]));
});

test('the gradient of the mean is softmax minus one-hot, over the count', t => {
  const logits = noise<tf.Rank.R2>([3, 4]);
  const gradient = tf.grad(x => softmaxCrossEntropy(x as tf.Tensor2D, labels(3, 0, 1)))(logits);
  const oneHot = tf.oneHot(labels(3, 0, 1), 4);
  closeTo(t, gradient, tf.div(tf.sub(tf.softmax(logits), oneHot), 3), {tolerance: tolerances.gradient});
});

test('the mean over rows that are all ignored is not a number, as in PyTorch', t => {
  const loss = softmaxCrossEntropy(tf.zeros([2, 3]), labels(255, 255), {ignoreIndex: 255});
  t.true(Number.isNaN(loss.dataSync()[0]));
});

test('the gradient matches differences', t => {
  const options = {weights: tf.tensor1d([0.5, 2, 1]), labelSmoothing: 0.2};
  for (const reduction of ['mean', 'sum', 'none'] as const) {
    gradCheck(
      t,
      x => softmaxCrossEntropy(x, labels(0, 2, -100, 1), {...options, reduction}),
      noise<tf.Rank.R2>([4, 3]),
    );
  }
});

test('only the result is kept, forward and backward', t => {
  const [logits, rows, weights] = [noise<tf.Rank.R2>([3, 4]), labels(0, 1, 2), tf.ones<tf.Rank.R1>([4])];
  keepsOnlyResults(t, () => softmaxCrossEntropy(logits, rows));
  keepsOnlyResults(t, () => softmaxCrossEntropy(logits, rows, {weights}));
  keepsOnlyResults(t, () => tf.grad(x => softmaxCrossEntropy(x as tf.Tensor2D, rows, {weights}))(logits));
});

test('errors say what was expected, what came and what to do', t => {
  const logits = tf.zeros<tf.Rank.R2>([2, 3]);
  const throws = (run: () => unknown, message: RegExp) => t.throws(run, {message});
  throws(
    () => softmaxCrossEntropy(logits, tf.tensor1d([0, 1])),
    /labels must be int32, got float32\. Convert it with/,
  );
  throws(
    () => softmaxCrossEntropy(logits, wrong([2, 3], 'int32')),
    /labels must have shape \[M\], got \[2, 3\]/,
  );
  throws(() => softmaxCrossEntropy(logits, labels(0, 1, 2)), /got \[3\], but M is 2 in logits.*not one-hot/);
  throws(
    () => softmaxCrossEntropy(logits, labels(0, 1), {labelSmoothing: 2}),
    /labelSmoothing must be in \[0, 1\], got 2/,
  );
  if (tf.getBackend() === 'cpu' || tf.getBackend() === 'wasm') {
    throws(
      () => softmaxCrossEntropy(logits, labels(0, 3)),
      /label 3 in row 1 is neither in \[0, 3\) nor ignoreIndex -100/,
    );
  }
});
