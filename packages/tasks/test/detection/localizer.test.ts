import {join} from 'node:path';
import {Random, selectEngine} from '@foveal/core';
import type {Dataset} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {localizer} from '../../src/detection/localizer.js';
import {evaluate} from '../../src/evaluate.js';
import {loadCheckpoint} from '../../src/train/checkpoint.js';
import {train} from '../../src/train/train.js';
import {blockCategories, flatImage, paint, shapeScene} from '../support/shapeScenes.js';
import {temporaryFolder} from '../support/temporaryFolder.js';
import {TinyBackbone, tinyPreprocess} from '../support/tinyBackbone.js';

test.before(async () => {
  await selectEngine();
});

/** Scenes of one block each. */
function scenes(count: number, seed: number): Dataset {
  const random = new Random(seed);
  const samples = Array.from({length: count}, (_, i) => ({...shapeScene(random, 32, 1), file: `${i}`}));
  return {length: count, categories: blockCategories, get: async i => samples[i]};
}

const build = (distance: 'l2' | 'smoothL1' = 'l2') =>
  localizer(new TinyBackbone(1), {
    categories: blockCategories,
    preprocess: tinyPreprocess(32),
    hidden: 32,
    distance,
  });

test('losses in closed form: cross-entropy of equal scores, and squares or smooth L1 of shares of the image', async t => {
  // 40 × 20 pixels; the box's centre is (½, ½), its sides are ½ and 1.
  const image = flatImage(40, 20, [9, 9, 9]);
  const samples = [
    {image, boxes: Float32Array.of(0, 0, 4, 4, 10, 0, 30, 20), labels: Int32Array.of(0, 1), file: 'two'},
    {image, boxes: new Float32Array(), labels: new Int32Array(), file: 'none'},
  ];
  const dataset: Dataset = {length: 2, categories: blockCategories, get: async i => samples[i]};
  for (const [distance, expected] of [
    // Said is the middle half: only the height is off, by ½.
    ['l2', 10 * 0.25],
    ['smoothL1', 10 * (0.5 - 0.5 / 9)],
  ] as const) {
    const task = build(distance);
    for (const layer of [task.model.category, task.model.box])
      layer.weight.assign(tf.zerosLike(layer.weight));
    task.model.category.bias?.assign(tf.zeros([2]));
    for await (const batch of task.batches(dataset, {batchSize: 2})) {
      t.deepEqual([...batch.labels.dataSync()], [1, -1]);
      t.deepEqual([...batch.boxes.dataSync()], [0.5, 0.5, 0.5, 1, 0, 0, 0, 0]);
      const {category, box} = task.losses(batch);
      t.true(Math.abs(category.dataSync()[0] - Math.LN2) < 1e-6);
      t.true(Math.abs(box.dataSync()[0] - expected) < 1e-5, `${box.dataSync()[0]}`);
      const meter = task.meter();
      await meter.add(batch);
      const {images, meanIou} = meter.result();
      t.is(images, 1);
      t.true(Math.abs(meanIou - 0.5) < 1e-6);
    }
  }
});

test('a small localizer learns to name and box a block, and its boxes are in pixels of the image', async t => {
  const dataset = scenes(24, 5);
  const task = build();
  await train(task, dataset, {
    epochs: 40,
    batchSize: 8,
    optimizer: 'adam',
    learningRate: 5e-3,
    weightDecay: 0,
    onProgress: () => {},
  });
  const {localized, top1, images} = await evaluate(task, dataset);
  t.is(images, 24);
  t.is(top1, 1);
  t.true(localized > 0.9, `localized ${localized}`);

  // The same picture at twice the size has its box at twice the place.
  const {image} = await dataset.get(0);
  const large = flatImage(64, 64, [0, 0, 0]);
  for (let y = 0; y < 32; y++) {
    for (let x = 0; x < 32; x++) {
      const [r, g, b] = image.data.subarray((y * 32 + x) * 3);
      paint(large, [2 * x, 2 * y, 2 * x + 2, 2 * y + 2], [r, g, b]);
    }
  }
  const [small, twice] = await task.predict([image, large]);
  t.is(twice.category, small.category);
  for (const [i, value] of twice.box.entries()) t.true(Math.abs(value - 2 * small.box[i]) < 2);
});

test('a localizer of a backbone from the registry comes back from its checkpoint', async t => {
  const out = join(temporaryFolder(t), 'run');
  const task = localizer('squeezenet1_1', {
    categories: blockCategories,
    preprocess: {...tinyPreprocess(32), resize: 40},
    hidden: 8,
    grid: 1,
  });
  const dataset = scenes(2, 6);
  await train(task, dataset, {steps: 1, batchSize: 2, out, onProgress: () => {}});
  const {task: loaded} = await loadCheckpoint(join(out, 'last.safetensors'));
  const images = [(await dataset.get(0)).image];
  t.deepEqual(await loaded.predict(images), await task.predict(images));
  t.is(loaded.description.preprocess?.resize, undefined);
});

test('what cannot be built is named', t => {
  t.throws(() => localizer(new TinyBackbone(), {categories: ['a']}), {
    message: /needs its preprocess/,
  });
  t.throws(
    () => localizer(new TinyBackbone(), {categories: ['a'], preprocess: tinyPreprocess(8), layer: 'x'}),
    {
      message: /no feature map x\. It has features\.5/,
    },
  );
});
