import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import {loadAddon} from '../../../../src/engine/torch/addon.js';
import {fallbacks, resetFallbacks} from '../../../../src/engine/torch/index.js';
import {batchNorm} from '../../../../src/ops/batchNorm.js';
import {batchNormTrain} from '../../../../src/ops/batchNormTrain.js';
import {conv2d} from '../../../../src/ops/conv2d.js';
import {dropout} from '../../../../src/ops/dropout.js';
import {localResponseNorm} from '../../../../src/ops/localResponseNorm.js';
import {roiAlign} from '../../../../src/ops/roiAlign.js';
import {softmaxCrossEntropy} from '../../../../src/ops/softmaxCrossEntropy.js';
import {noise} from '../../../support.js';
import {torchTest, useTorch} from '../torchTest.js';

test.before(useTorch);

type T = tf.Tensor;
type Image = tf.Tensor4D;
const images = () => noise<tf.Rank.R4>([2, 8, 8, 4]);
const matrix = () => noise<tf.Rank.R2>([4, 6]);
const filter = (...shape: [number, number, number, number]) => noise<tf.Rank.R4>(shape, 2);
const channels = (size = 4, seed = 3) => noise<tf.Rank.R1>([size], seed);
const positive = (x: T) => tf.add(tf.abs(x), 0.5);
const indices = (...values: number[]) => tf.tensor1d(values, 'int32');
const boxes = () => tf.tensor2d([0.1, 0, 0.7, 1.2], [1, 4]);

/** Every op of a vision model that has a gradient, on an image batch `[2, 8, 8, 4]`. */
const onImages: Record<string, (x: Image) => T> = {
  'conv2d, same': x => tf.conv2d(x, filter(3, 3, 4, 5), 2, 'same'),
  'conv2d, padded': x => tf.conv2d(x, filter(3, 3, 4, 5), 1, 1),
  'conv2d, fused': x =>
    tf.fused.conv2d({
      x,
      filter: filter(3, 3, 4, 5),
      strides: 1,
      pad: 'same',
      bias: channels(5),
      activation: 'relu',
    }),
  'conv2d, transposed': x => tf.conv2dTranspose(x, filter(2, 2, 3, 4), [2, 16, 16, 3], 2, 'same'),
  'depthwise conv2d': x => tf.depthwiseConv2d(x, filter(3, 3, 4, 2), 1, 'same'),
  'separable conv2d': x => tf.separableConv2d(x, filter(3, 3, 4, 1), filter(1, 1, 4, 6), 1, 'same'),
  'our conv2d': x => conv2d(x, filter(3, 3, 2, 6), channels(6), {padding: 2, dilation: 2, groups: 2}),
  'max pool': x => tf.maxPool(x, 3, 2, 'same'),
  'average pool': x => tf.avgPool(x, 3, 2, 'same'),
  'global pool': x => tf.mean(x, [1, 2]),
  'batch norm': x =>
    tf.batchNorm(x, channels(), positive(channels()) as tf.Tensor1D, channels(), channels(), 1e-5),
  'batch norm by moments': x => {
    const {mean, variance} = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, channels(), channels());
  },
  'our batch norm': x => batchNormTrain(x, channels(), channels(), {relu: true}).y,
  'our batch norm, inference': x =>
    batchNorm(x, channels(), channels(), channels(), positive(channels()) as tf.Tensor1D, {relu: true}),
  'local response norm': x => tf.localResponseNormalization(x, 2),
  'our local response norm': x => localResponseNorm(x),
  dropout: x => dropout(x, {rate: 0.5, seed: 1}),
  'roi align': x => roiAlign(x, boxes(), indices(1), {outputSize: [2, 2], spatialScale: 8}),
  'resize bilinear': x => tf.image.resizeBilinear(x, [5, 11]),
  'resize bilinear, aligned corners': x => tf.image.resizeBilinear(x, [5, 11], true),
  'resize bilinear, pixel centres': x => tf.image.resizeBilinear(x, [5, 11], false, true),
  'resize nearest': x => tf.image.resizeNearestNeighbor(x, [16, 16]),
  'pad and crop': x =>
    tf.slice(
      tf.pad(x, [
        [0, 0],
        [1, 2],
        [3, 0],
        [0, 0],
      ]),
      [0, 1, 1, 0],
      [2, 8, 8, 4],
    ),
  'mirror pad': x =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 2],
        [2, 1],
        [0, 0],
      ],
      'reflect',
    ),
  'space to batch and back': x =>
    tf.batchToSpaceND(
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  flatten: x => tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [2, -1]),
  'dense block': x => tf.concat([x, tf.relu(x), ...tf.split(x, 2, 3)], 3),
  reverse: x => tf.reverse(x, 2),
};

/** Ops of classifiers and losses, on a matrix `[4, 6]`. */
const onMatrices: Record<string, (x: tf.Tensor2D) => T> = {
  linear: x => tf.add(tf.matMul(x, noise<tf.Rank.R2>([3, 6]), false, true), channels(3)),
  'linear, fused': x =>
    tf.fused.matMul({a: x, b: noise<tf.Rank.R2>([6, 3]), bias: channels(3), activation: 'relu'}),
  activations: x =>
    tf.addN([
      tf.relu(x),
      tf.relu6(x),
      tf.leakyRelu(x),
      tf.elu(x),
      tf.selu(x),
      tf.sigmoid(x),
      tf.tanh(x),
      tf.softplus(x),
    ]),
  prelu: x => tf.prelu(x, noise<tf.Rank.R2>([1, 6])),
  arithmetic: x => tf.div(tf.sub(tf.mul(x, 2), tf.square(x)), tf.pow(positive(x), 1.5)),
  transcendental: x =>
    tf.addN([
      tf.exp(x),
      tf.log(positive(x)),
      tf.sqrt(positive(x)),
      tf.rsqrt(positive(x)),
      tf.sin(x),
      tf.erf(x),
    ]),
  extremes: x => tf.add(tf.maximum(x, 0.1), tf.minimum(x, tf.neg(x))),
  clipping: x => tf.clipByValue(x, -0.5, 0.5),
  reductions: x =>
    tf.addN([tf.sum(x, 1), tf.mean(x, 1), tf.max(x, 1), tf.min(x, 1), tf.logSumExp(x, 1), tf.norm(x, 2, 1)]),
  softmax: x => tf.softmax(x),
  'log softmax': x => tf.logSoftmax(x),
  'cross-entropy': x => tf.losses.softmaxCrossEntropy(tf.oneHot(indices(0, 1, 2, 5), 6), x),
  'our cross-entropy': x =>
    softmaxCrossEntropy(x, indices(0, 1, 2, 5), {
      weights: positive(channels(6)) as tf.Tensor1D,
      labelSmoothing: 0.1,
    }),
  'binary cross-entropy': x => tf.losses.sigmoidCrossEntropy(tf.ones([4, 6]), x),
  'mean squared error': x => tf.losses.meanSquaredError(tf.ones([4, 6]), x),
  'huber loss': x => tf.losses.huberLoss(tf.ones([4, 6]), x),
  gather: x => tf.gather(x, indices(3, 0, 3)),
  'stack and unstack': x => tf.stack(tf.unstack(x).reverse()),
  tile: x => tf.tile(x, [2, 3]),
  'cumulative sum': x => tf.cumsum(x, 1),
  choice: x =>
    tf.where(tf.cast(tf.tensor2d(Array(24).fill([1, 0]).flat().slice(0, 24), [4, 6]), 'bool'), x, tf.neg(x)),
};

/** Ops without a gradient that metrics and decoding use. */
const forwardOnly: Record<string, (x: tf.Tensor2D) => T | T[]> = {
  'arg max': x => tf.argMax(x, 1),
  'top k': x => Object.values(tf.topk(x, 3)),
  comparisons: x => [
    tf.greater(x, 0),
    tf.equal(x, x),
    tf.logicalAnd(tf.less(x, 0), tf.greaterEqual(x, -1)),
    tf.any(tf.isNaN(x)),
  ],
  einsum: x => tf.einsum('ij,kj->ik', x, x),
  'confusion matrix': () => tf.math.confusionMatrix(indices(0, 1, 2), indices(0, 2, 2), 3),
  'counting bins': () => tf.bincount(indices(0, 1, 1), tf.tensor1d([]), 3),
  'integer arithmetic': () => tf.mod(tf.floorDiv(indices(7, -7), indices(2, 2)), indices(3, 3)),
  'scatter and gather': () =>
    tf.gatherND(
      tf.scatterND(tf.tensor2d([[1], [3]], [2, 1], 'int32'), noise<tf.Rank.R2>([2, 6]), [4, 6]),
      tf.zeros([2, 2], 'int32'),
    ),
  'strided slice': x => tf.stridedSlice(x, [0, 5], [4, 0], [2, -2]),
  creation: () => [
    tf.zeros([2]),
    tf.ones([2], 'int32'),
    tf.fill([2], 3),
    tf.range(0, 5),
    tf.linspace(0, 1, 3),
    tf.eye(3),
    tf.multinomial([0.1, 0.2], 3),
  ],
  'crop and resize': () => tf.image.cropAndResize(images(), boxes(), indices(1), [3, 3]),
  'max pool with places': () => Object.values(tf.maxPoolWithArgmax(images(), 2, 2, 'valid')),
  resize: () => tf.image.resizeNearestNeighbor(images(), [5, 11], true),
  'quantised input': () => tf.div(tf.cast(tf.tensor1d([0, 255], 'int32'), 'float32'), 255),
};

/** Nothing falls back, every value is finite, and nothing stays in native memory. */
function native(t: ExecutionContext<unknown>, run: () => T | T[]): void {
  const before = loadAddon().memory();
  resetFallbacks();
  tf.tidy(() => {
    const results = [run()].flat();
    t.deepEqual(fallbacks(), {});
    for (const result of results) t.is(tf.all(tf.isFinite(tf.cast(result, 'float32'))).dataSync()[0], 1);
  });
  t.deepEqual(loadAddon().memory(), before);
}

for (const [name, op] of Object.entries(onImages)) {
  torchTest(`${name} and its gradient run on torch`, t =>
    native(t, () => tf.grad(op as (x: T) => T)(images())),
  );
}
for (const [name, op] of Object.entries(onMatrices)) {
  torchTest(`${name} and its gradient run on torch`, t =>
    native(t, () => tf.grad(op as (x: T) => T)(matrix())),
  );
}
for (const [name, op] of Object.entries(forwardOnly)) {
  torchTest(`${name} runs on torch`, t => native(t, () => op(matrix())));
}

torchTest('a training step of a convolutional network runs on torch, with any optimizer of tfjs', t => {
  const kernel = tf.variable(filter(3, 3, 4, 5));
  const weight = tf.variable(noise<tf.Rank.R2>([5, 3]));
  const loss = () => {
    const features = tf.mean(tf.relu(tf.conv2d(images(), kernel as Image, 1, 'same')), [1, 2]);
    return tf.losses.softmaxCrossEntropy(
      tf.oneHot(indices(0, 2), 3),
      tf.matMul(features, weight),
    ) as tf.Scalar;
  };
  resetFallbacks();
  for (const optimizer of [
    tf.train.sgd(0.1),
    tf.train.momentum(0.1, 0.9),
    tf.train.adam(0.01),
    tf.train.rmsprop(0.01),
  ]) {
    const before = loss().dataSync()[0];
    for (let step = 0; step < 5; step++) optimizer.minimize(loss);
    t.true(loss().dataSync()[0] < before, optimizer.getClassName());
  }
  t.deepEqual(fallbacks(), {});
});

torchTest('a kernel that torch has not is counted', t => {
  resetFallbacks();
  tf.unique(tf.tensor1d([1, 1, 2]));
  t.deepEqual(fallbacks(), {Unique: 1});
});
