import {readFile} from 'node:fs/promises';
import {fallbacks, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import type {Backbone} from '../src/backbone.js';
import {leNet5} from '../src/leNet.js';
import {resNet18, resNet50} from '../src/resNet.js';
import {resNet20, resNet110} from '../src/resNetCifar.js';
import {fill, goldenInput, noise} from './filled.js';
import {golden} from './weights/support.js';

interface Golden {
  size: number;
  batch: number;
  parameters: number;
  shapes: Record<string, number[]>;
  logits: number[][];
  trainLogits?: number[][];
  gradientNorms?: Record<string, number>;
  statisticNorms?: Record<string, number>;
}

const builders: Record<string, () => Backbone> = {
  lenet5: () => leNet5(),
  'lenet5-relu-max': () => leNet5({activation: 'relu', pooling: 'max'}),
  resnet20: () => resNet20(),
  resnet110: () => resNet110(),
  resnet18: () => resNet18(),
  resnet50: () => resNet50(),
};

/** Against PyTorch in float64, as a share of the largest value. */
const tolerance = {logits: 1e-5, gradients: 1e-5};

let engine: string;
test.before(async () => {
  engine = (await selectEngine()).name;
});

for (const [name, build] of Object.entries(builders)) {
  test.serial(`${name} has PyTorch's names and shapes and gives its logits and gradients`, async t => {
    const expected = JSON.parse(await readFile(golden(`models/${name}.json`), 'utf8')) as Golden;
    if (engine === 'cpu' && expected.parameters > 1e5) {
      t.pass('not on the engine of plain JavaScript, which takes minutes; LeNet stands for the rest');
      return;
    }
    const model = build();
    t.is(model.numParameters(), expected.parameters);
    fill(model, expected.shapes); // strict: any other name or shape throws
    const image = goldenInput(expected.batch, expected.size);

    model.eval();
    const logits = model.forward(image);
    near(t, firstTen(logits), expected.logits.flat(), tolerance.logits, 'logits');
    if (expected.gradientNorms) checkTraining(t, model, image, expected);
    logits.dispose();
    image.dispose();
    model.dispose();
    t.deepEqual(fallbacks(), {}, 'every kernel is the engine’s own');
  });
}

function checkTraining(t: ExecutionContext, model: Backbone, image: tf.Tensor4D, expected: Golden): void {
  model.train();
  let logits = new Float32Array();
  const {grads} = tf.variableGrads(() => {
    const y = model.forward(image);
    logits = firstTen(y);
    const upstream = tf.tensor2d(Float32Array.from(noise('upstream', y.size)), y.shape);
    return tf.sum(tf.mul(y, upstream));
  });
  near(t, logits, expected.trainLogits!.flat(), tolerance.logits, 'logits in training');
  for (const [name, variable] of model.namedParameters()) {
    near(
      t,
      [norm(grads[variable.name])],
      [expected.gradientNorms![name]],
      tolerance.gradients,
      `gradient of ${name}`,
    );
  }
  for (const [name, variable] of model.namedBuffers()) {
    near(t, [norm(variable)], [expected.statisticNorms![name]], tolerance.logits, `statistics ${name}`);
  }
  tf.dispose(grads);
}

// In float64: an engine's sum of a million squares is off by more than the gradient is.
const norm = (x: tf.Tensor) =>
  Math.sqrt((x.dataSync() as Float32Array).reduce((sum, value) => sum + value ** 2, 0));

const firstTen = (logits: tf.Tensor2D) =>
  tf.tidy(() => tf.slice(logits, [0, 0], [-1, 10]).dataSync() as Float32Array).slice();

function near(
  t: ExecutionContext,
  got: ArrayLike<number>,
  wanted: number[],
  limit: number,
  what: string,
): void {
  const scale = Math.max(...wanted.map(Math.abs));
  const error = Math.max(...wanted.map((value, i) => Math.abs(value - got[i]))) / scale;
  t.true(got.length === wanted.length && error <= limit, `${what}: off by ${error} of ${scale}`);
}
