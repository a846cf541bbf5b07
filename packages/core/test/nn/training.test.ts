import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  clipGradNorm,
  Dropout,
  Ema,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  Random,
  Relu,
  Sequential,
  Sgd,
  softmaxCrossEntropy,
  Tanh,
} from '../../src/index.js';
import {noise, registerOps} from '../support.js';

type Classifier = Module & {forward(x: tf.Tensor): tf.Tensor};

/** One step; gives the loss. */
function trainStep(model: Classifier, optimizer: Sgd | Adam, x: tf.Tensor, labels: tf.Tensor1D): number {
  const {value, grads} = tf.variableGrads(
    () => softmaxCrossEntropy(model.forward(x) as tf.Tensor2D, labels) as tf.Scalar,
    model.parameters(),
  );
  optimizer.step(grads);
  const loss = value.dataSync()[0];
  tf.dispose([value, grads]);
  return loss;
}

let xor: {x: tf.Tensor2D; labels: tf.Tensor1D};
let images: tf.Tensor4D;

test.before(async () => {
  await registerOps();
  xor = {
    x: tf.tensor2d([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]),
    labels: tf.tensor1d([0, 1, 1, 0], 'int32'),
  };
  images = noise<tf.Rank.R4>([4, 4, 4, 1]);
});

const predictions = (model: Classifier) => Array.from(tf.argMax(model.forward(xor.x), 1).dataSync());

test('two layers learn XOR, and one cannot', t => {
  const random = new Random(1);
  const two = new Sequential(new Linear(2, 8, {random}), new Tanh(), new Linear(8, 2, {random}));
  const one = new Sequential(new Linear(2, 2, {random}));
  const losses = [two, one].map(model => {
    const optimizer = new Adam(model.parameters(), {learningRate: 0.05});
    let loss = 0;
    for (let step = 0; step < 200; step++) loss = trainStep(model, optimizer, xor.x, xor.labels);
    return loss;
  });
  t.deepEqual(predictions(two), [0, 1, 1, 0]);
  t.true(losses[0] < 0.05, `loss ${losses[0]}`);
  // The best that a line can do on XOR is to say nothing: ln 2.
  t.true(Math.abs(losses[1] - Math.LN2) < 0.01, `loss ${losses[1]}`);
});

function smallNet(random: Random): Sequential {
  return new Sequential(
    new Conv2d(1, 4, {kernelSize: 3, padding: 1, bias: false, random}),
    new BatchNorm2d(4),
    new Relu(),
    new MaxPool2d({kernelSize: 2}),
    new Flatten(),
    new Dropout(0.2, {random}),
    new Linear(4 * 2 * 2, 2, {random}),
  );
}

test('a thousand steps of training leave the number of tensors as it was', t => {
  const model = smallNet(new Random(2));
  const optimizer = new Sgd(model.parameters(), {learningRate: 0.05, momentum: 0.9});
  const ema = new Ema(model);
  const step = (n: number) => {
    model.reseed(n);
    const {value, grads} = tf.variableGrads(
      () => softmaxCrossEntropy(model.forward(images) as tf.Tensor2D, xor.labels) as tf.Scalar,
      model.parameters(),
    );
    const clipped = clipGradNorm(grads, 1);
    optimizer.step(clipped.grads);
    ema.update();
    if (n % 100 === 0) [optimizer.stateDict(), ema.stateDict()];
    tf.dispose([value, grads, clipped.grads, clipped.norm]);
  };
  step(0);
  const before = tf.memory();
  for (let n = 1; n <= 1000; n++) step(n);
  const after = tf.memory();
  t.is(after.numTensors, before.numTensors);
  t.is(after.numBytes, before.numBytes);
  t.is(after.numDataBuffers, before.numDataBuffers);
});

test('one seed gives one training, to the last bit', t => {
  const run = () => {
    const model = smallNet(new Random(3));
    const optimizer = new Sgd(model.parameters(), {learningRate: 0.1, momentum: 0.9, nesterov: true});
    const losses = Array.from({length: 10}, (_, n) => {
      model.reseed(n);
      return trainStep(model, optimizer, images, xor.labels);
    });
    return losses;
  };
  t.deepEqual(run(), run());
});

test('a training goes on after a frozen start as if the frozen part were constants', t => {
  const model = smallNet(new Random(4));
  const [stem, norm] = [model.layers[0], model.layers[1]];
  stem.freeze();
  norm.freeze();
  const before = [stem, norm].flatMap(part => Object.values(part.stateDict()).map(v => v.dataSync().slice()));
  const optimizer = new Adam(model.parameters());
  for (let n = 0; n < 5; n++) trainStep(model, optimizer, images, xor.labels);
  const after = [stem, norm].flatMap(part => Object.values(part.stateDict()).map(v => v.dataSync()));
  t.deepEqual(after, before);
});
