import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {
  diceLoss,
  focalLoss,
  jaccardLoss,
  pixelCrossEntropy,
  type Reduction,
  softmaxCrossEntropy,
} from '../../src/index.js';
import {
  closeTo,
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

interface Case<Options> {
  name: string;
  options: Options;
  inputs: {logits: GoldenTensor; labels: GoldenTensor; weights?: GoldenTensor; dy?: GoldenTensor};
  outputs: {loss: GoldenTensor; logits: GoldenTensor};
}
type Loss = (logits: tf.Tensor4D, labels: tf.Tensor3D, weights: tf.Tensor1D | undefined) => tf.Tensor;

function agrees<Options>(file: string, lossOf: (options: Options) => Loss): void {
  for (const {name, options, inputs, outputs} of golden<Case<Options>>(file)) {
    test(`PyTorch gives the same ${file} and gradient: ${name}`, t => {
      const labels = tensor<tf.Tensor3D>(inputs.labels, 'int32');
      const weights = inputs.weights && tensor<tf.Tensor1D>(inputs.weights);
      const f = (logits: tf.Tensor) => lossOf(options)(logits as tf.Tensor4D, labels, weights);
      const logits = tensor(inputs.logits);
      closeTo(t, f(logits), tensor(outputs.loss));
      const gradient = inputs.dy ? tf.grad(f)(logits, tensor(inputs.dy)) : tf.grad(f)(logits);
      closeTo(t, gradient, tensor(outputs.logits), {tolerance: tolerances.gradient});
    });
  }
}

agrees<{reduction: Reduction}>(
  'pixel_cross_entropy',
  options => (logits, labels, weights) => pixelCrossEntropy(logits, labels, {...options, weights}),
);
agrees<{kind: 'dice' | 'jaccard'; classes: 'present' | 'all'; smooth: number; squared: boolean}>(
  'overlap_losses',
  ({kind, squared, ...options}) =>
    (logits, labels) =>
      kind === 'dice'
        ? diceLoss(logits, labels, {...options, squared})
        : jaccardLoss(logits, labels, options),
);
agrees<{gamma: number}>(
  'focal_loss',
  options => (logits, labels, weights) => focalLoss(logits, labels, {...options, weights}),
);

const labels = tf.tidy(() => tf.tensor3d([0, 1, 2, 255, 1, 0], [1, 2, 3], 'int32'));

test('without gamma the focal loss is the cross-entropy', t => {
  const logits = noise<tf.Rank.R4>([1, 2, 3, 3]);
  closeTo(t, focalLoss(logits, labels, {gamma: 0}), pixelCrossEntropy(logits, labels));
  const rows = [tf.reshape(logits, [6, 3]) as tf.Tensor2D, tf.reshape(labels, [6]) as tf.Tensor1D] as const;
  closeTo(t, pixelCrossEntropy(logits, labels), softmaxCrossEntropy(...rows, {ignoreIndex: 255}));
});

test('a certain and right answer costs nothing, a certain and wrong one everything', t => {
  const truth = tf.tensor3d([0, 1, 1, 0], [1, 2, 2], 'int32');
  const other = tf.tensor3d([1, 0, 0, 1], [1, 2, 2], 'int32');
  const sure = (right: boolean) =>
    tf.mul(tf.cast(tf.oneHot(right ? truth : other, 2), 'float32'), 200) as tf.Tensor4D;
  for (const loss of [diceLoss, jaccardLoss]) {
    closeTo(t, loss(sure(true), truth), tf.scalar(0));
    closeTo(t, loss(sure(false), truth), tf.scalar(1), {tolerance: 1e-4});
  }
  closeTo(t, focalLoss(sure(true), truth), tf.scalar(0));
  closeTo(t, focalLoss(sure(false), truth), tf.scalar(200));
});

for (const [name, loss] of Object.entries({pixelCrossEntropy, diceLoss, jaccardLoss, focalLoss})) {
  test(`the gradient of ${name} matches differences, and only results are kept`, t => {
    const logits = noise<tf.Rank.R4>([1, 2, 3, 3]);
    gradCheck(t, logits => loss(logits, labels), logits, {epsilon: 0.05});
    keepsOnlyResults(t, () => loss(logits, labels));
    keepsOnlyResults(t, () => tf.grad(x => loss(x as tf.Tensor4D, labels))(logits));
  });
}

test('errors say what was expected, what came and what to do', t => {
  const logits = tf.zeros<tf.Rank.R4>([1, 4, 4, 3]);
  const throws = (run: () => unknown, message: RegExp) => t.throws(run, {message});
  throws(
    () => pixelCrossEntropy(logits, tf.zeros([1, 8, 8], 'int32')),
    /labels must have shape \[N, H, W\], got \[1, 8, 8\], but H is 4 in logits\. Resize the logits/,
  );
  throws(() => diceLoss(logits, wrong([1, 4, 4])), /labels must be int32, got float32/);
  throws(() => jaccardLoss(logits, wrong([1, 4, 4, 3], 'int32')), /labels must have shape/);
  throws(
    () => focalLoss(logits, tf.zeros([1, 4, 4], 'int32'), {gamma: -1}),
    /gamma must be 0 or more, got -1/,
  );
});
