import {Random, selectEngine, softmaxCrossEntropy} from '@foveal/core';
import {GoogLeNet, linearClassifier} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {classifier} from '../../src/classification/classifier.js';
import {augmented} from '../../src/train/dataOrder.js';
import {train} from '../../src/train/train.js';
import {patterns} from '../support/patterns.js';

test.before(async () => {
  await selectEngine();
});

const categories = ['checks', 'columns', 'rows'];
const preprocess = {
  inputSize: [8, 8] as [number, number],
  color: 'rgb' as const,
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};
const linear = (options = {}) =>
  classifier(linearClassifier({numClasses: 3, inputSize: [8, 8], random: new Random(1)}), {
    categories,
    preprocess,
    ...options,
  });
const batch = () => ({
  images: tf.randomUniform<tf.Rank.R4>([4, 8, 8, 3], -1, 1, 'float32', 2),
  labels: tf.tensor1d([0, 1, 2, 1], 'int32'),
  files: ['a', 'b', 'c', 'd'],
});
const value = (loss: tf.Tensor) => loss.dataSync()[0];

test.serial('auxiliary classifiers add their losses by 0.3 in training, and none in evaluation', t => {
  const model = new GoogLeNet({numClasses: 3, auxiliary: true, random: new Random(1)});
  const task = classifier(model, {categories, preprocess: {...preprocess, inputSize: [32, 32]}});
  const images = tf.randomUniform<tf.Rank.R4>([2, 32, 32, 3], -1, 1, 'float32', 2);
  const labels = tf.tensor1d([0, 2], 'int32');
  const data = {images, labels, files: ['a', 'b']};
  model.train().reseed(3);
  const losses = task.losses(data);
  t.deepEqual(Object.keys(losses), ['loss', 'auxiliary1', 'auxiliary2']);
  model.reseed(3);
  const expected = model.forwardAll(images).map(logits => value(softmaxCrossEntropy(logits, labels)));
  t.deepEqual(
    Object.values(losses).map(loss => value(loss).toFixed(5)),
    expected.map((loss, i) => (loss * [1, 0.3, 0.3][i]).toFixed(5)),
  );
  model.eval();
  t.deepEqual(Object.keys(task.losses(data)), ['loss']);
});

test.serial('the loss of mixed images is that of soft labels', t => {
  const task = linear({mixup: 1, labelSmoothing: 0.1});
  const mixed = task.mix!(batch(), new Random(5));
  const {weight = 1, otherLabels} = mixed;
  t.deepEqual([...otherLabels!.dataSync()], [1, 0, 1, 2]);
  t.true(weight > 0 && weight < 1);
  const soft = tf.add(
    tf.mul(tf.oneHot(mixed.labels, 3), weight),
    tf.mul(tf.oneHot(otherLabels!, 3), 1 - weight),
  );
  const smooth = tf.add(tf.mul(soft, 0.9), 0.1 / 3);
  const logs = tf.logSoftmax(task.model.forward(mixed.images));
  const expected = value(tf.neg(tf.mean(tf.sum(tf.mul(smooth, logs), 1))));
  t.true(Math.abs(value(task.losses(mixed)['loss']) - expected) < 1e-5);
});

test.serial('with mixup and cutmix, either happens; without both, nothing', t => {
  const task = linear({mixup: 0.2, cutmix: 1});
  const original = batch();
  const kinds = new Set<string>();
  for (let seed = 0; seed < 12; seed++) {
    const {images} = task.mix!(original, new Random(seed));
    // A pixel of cutmix is one of the images', a pixel of mixup is a blend.
    const kept = tf.equal(images, original.images).dataSync();
    kinds.add(kept.some(Boolean) ? 'cutmix' : 'mixup');
  }
  t.deepEqual([...kinds].sort(), ['cutmix', 'mixup']);
  t.is(linear().mix, undefined);
});

test.serial('a training with mixed images follows its seed and leaves no tensors behind', async t => {
  const data = patterns(12, {channels: 3, size: 8});
  const run = async (seed: number) => {
    const task = linear({mixup: 0.4, cutmix: 1});
    const {epochs} = await train(task, data, {epochs: 2, batchSize: 4, seed, onProgress: () => {}});
    task.model.dispose();
    return epochs.map(({loss}) => loss);
  };
  const first = await run(1);
  const tensors = tf.memory().numTensors;
  t.deepEqual(await run(1), first);
  t.is(tf.memory().numTensors, tensors);
  t.notDeepEqual(await run(2), first);
});

test.serial('images cut at random keep their cut; others are resized and cut as for evaluation', async t => {
  const sized = {...preprocess, resize: 10};
  const task = linear({preprocess: sized});
  const data = patterns(2, {channels: 3, size: 20});
  const order = Uint32Array.of(0, 1);
  const first = async (dataset: typeof data) => {
    for await (const {images} of task.batches(dataset, {batchSize: 2, training: true})) return images;
    throw new Error('no batch');
  };
  const plain = await first(data);
  const untouched = await first(augmented(data, order, sample => sample, 1, 0));
  t.true(value(tf.max(tf.abs(tf.sub(plain, untouched)))) < 1 / 64, 'the same cut, but for rounding');
  const grey = {data: new Uint8Array(8 * 8 * 3).map((_, i) => i), width: 8, height: 8, channels: 3 as const};
  const cut = await first(augmented(data, order, sample => ({...sample, image: grey}), 1, 0));
  t.deepEqual(
    [...cut.dataSync().slice(0, 6)].map(v => Math.round((v * 0.25 + 0.5) * 255)),
    [0, 1, 2, 3, 4, 5],
  );
});
