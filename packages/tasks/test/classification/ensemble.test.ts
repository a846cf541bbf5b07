import {type Preprocess, Random, selectEngine} from '@foveal/core';
import {type CropCount, cropViews, type Image} from '@foveal/data';
import {linearClassifier} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type Classifier, classifier} from '../../src/classification/classifier.js';
import {ensemble} from '../../src/classification/ensemble.js';
import {evaluate} from '../../src/evaluate.js';
import {patterns} from '../support/patterns.js';

test.before(async () => {
  await selectEngine();
});

const preprocess: Preprocess = {
  inputSize: [7, 7],
  color: 'rgb',
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};
const data = patterns(6, {channels: 3, size: 12});
const {categories} = data;
const linear = (seed: number, options = {}) =>
  classifier(linearClassifier({numClasses: 3, inputSize: [7, 7], random: new Random(seed)}), {
    categories,
    preprocess,
    ...options,
  });
const images = async (): Promise<Image[]> =>
  Promise.all([0, 1, 2].map(async index => (await data.get(index)).image));

/** Probabilities by category, of each image. */
async function probabilities(task: Classifier, of: readonly Image[]): Promise<number[][]> {
  const predictions = await task.predict(of);
  return predictions.map(({categories: all}) =>
    categories.map(name => all.find(({category}) => category === name)?.score ?? Number.NaN),
  );
}

/** What the model says of each view, averaged by hand. */
async function byHand(task: Classifier, image: Image, crops: CropCount): Promise<number[]> {
  const views = tf.tensor4d(cropViews(image, preprocess, crops), [crops, 7, 7, 3]);
  const each = (await tf.softmax(task.model.forward(views)).array()) as number[][];
  return categories.map((_, c) => each.reduce((sum, view) => sum + view[c], 0) / crops);
}

const near = (a: number[], b: number[]) => a.every((value, i) => Math.abs(value - b[i]) < 1e-5);

test.serial('the probabilities of an ensemble are the mean of its members', async t => {
  const members = [1, 2, 3].map(seed => linear(seed));
  const pictures = await images();
  const each = await Promise.all(members.map(member => probabilities(member, pictures)));
  const tensors = tf.memory().numTensors;
  const together = await probabilities(ensemble(members), pictures);
  t.is(tf.memory().numTensors, tensors);
  together.forEach((scores, i) => {
    const mean = scores.map((_, c) => (each[0][i][c] + each[1][i][c] + each[2][i][c]) / 3);
    t.true(near(scores, mean), `${scores} ${mean}`);
  });
});

for (const crops of [2, 5, 10, 144] as const) {
  test.serial(`the probabilities of ${crops} crops are the mean of the views`, async t => {
    const task = linear(1);
    const pictures = await images();
    const scores = await probabilities(ensemble([task], {crops}), pictures);
    for (const [i, image] of pictures.entries()) t.true(near(scores[i], await byHand(task, image, crops)));
  });
}

test.serial('models and crops are averaged together, and evaluated so', async t => {
  const members = [linear(1), linear(2)];
  const both = ensemble(members, {crops: 10});
  let loss = 0;
  let right = 0;
  for (let i = 0; i < data.length; i++) {
    const {image, label = 0} = await data.get(i);
    const [a, b] = [await byHand(members[0], image, 10), await byHand(members[1], image, 10)];
    const mean = a.map((value, c) => (value + b[c]) / 2);
    loss -= Math.log(mean[label]) / data.length;
    if (Math.max(...mean) === mean[label]) right++;
  }
  const metrics = await evaluate(both, data, {batchSize: 4});
  t.true(Math.abs(metrics.loss - loss) < 1e-5);
  t.is(metrics.top1, right / data.length);
  t.is(metrics.images, data.length);
});

test('members must speak of the same categories and see images the same way', t => {
  t.throws(() => ensemble([]), {message: /one classifier or more, got none/});
  t.throws(() => ensemble([linear(1), linear(2, {categories: ['rows', 'columns', 'checks']})]), {
    message: /member 2 has other categories than the first: \["rows"/,
  });
  t.throws(() => ensemble([linear(1), linear(2, {preprocess: {...preprocess, color: 'bgr'}})]), {
    message: /member 2 has other preprocess/,
  });
});
