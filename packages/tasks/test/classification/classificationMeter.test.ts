import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {ClassificationMeter} from '../../src/classification/classificationMeter.js';

test.before(async () => {
  await selectEngine();
});

const categories = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** A meter whose model gives these logits, fed with one batch. */
async function measure(logits: number[][], labels: number[]) {
  const meter = new ClassificationMeter(() => tf.tensor2d(logits), categories);
  const batch = {
    images: tf.zeros<tf.Rank.R4>([labels.length, 1, 1, 1]),
    labels: tf.tensor1d(labels, 'int32'),
    files: [],
  };
  const before = tf.memory().numTensors;
  await meter.add(batch);
  const left = tf.memory().numTensors - before;
  tf.dispose([batch.images, batch.labels]);
  return {...meter.result(), left};
}

const rising = [1, 2, 3, 4, 5, 6, 7];

test.serial('first, fifth and sixth place count for top-1, for top-5 and not at all', async t => {
  const {top1, top5, images, perClass, left} = await measure([rising, rising, rising], [6, 2, 1]);
  t.deepEqual([top1, top5, images], [1 / 3, 2 / 3, 3]);
  t.deepEqual(perClass[6], {category: 'g', images: 1, correct: 1, predicted: 3, top1: 1});
  t.deepEqual(perClass[2], {category: 'c', images: 1, correct: 0, predicted: 0, top1: 0});
  t.is(left, 0);
});

test.serial('the loss is the mean cross-entropy', async t => {
  const even = Array(7).fill(3);
  t.true(Math.abs((await measure([even, even], [0, 5])).loss - Math.log(7)) < 1e-6);
});

test.serial('a tie is for the first category, and a model that yields no numbers is never right', async t => {
  const tie = [0, 4, 4, 0, 0, 0, 0];
  t.is((await measure([tie, tie], [1, 2])).top1, 1 / 2);
  const broken = Array(7).fill(Number.NaN);
  const {top1, top5} = await measure([broken, broken], [0, 6]);
  t.deepEqual([top1, top5], [0, 0]);
});

test.serial('nothing measured gives zeros', t => {
  const {images, top1, loss} = new ClassificationMeter(() => tf.zeros([0, 7]), categories).result();
  t.deepEqual([images, top1, loss], [0, 0, 0]);
});

test.serial('an image without a label is named', async t => {
  const meter = new ClassificationMeter(() => tf.tensor2d([rising]), categories);
  const batch = {
    images: tf.zeros<tf.Rank.R4>([1, 1, 1, 1]),
    labels: tf.tensor1d([7], 'int32'),
    files: ['some/image.png'],
  };
  await t.throwsAsync(meter.add(batch), {message: 'some/image.png: expected a label from 0 to 6, got 7.'});
  tf.dispose([batch.images, batch.labels]);
});
