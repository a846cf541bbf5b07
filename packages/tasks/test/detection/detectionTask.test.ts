import {rleArea} from '@foveal/core';
import type {Dataset} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {registerOps} from '../../../core/test/support.js';
import {detector} from '../../src/detection/detectionTask.js';
import {placeBoxes, unplaceBoxes} from '../../src/detection/placement.js';
import {evaluate} from '../../src/evaluate.js';
import {disposeBatch} from '../../src/task.js';
import {OracleNetwork} from '../support/oracleNetwork.js';
import {shapes} from '../support/shapes.js';

test.before(registerOps);

async function taught(dataset: Dataset, options: {masks?: boolean; scale?: number; border?: number}) {
  const network = new OracleNetwork(options);
  const task = detector(network, {categories: dataset.categories});
  for await (const batch of task.batches(dataset, {batchSize: 3, training: true})) {
    network.teach(batch);
    disposeBatch(batch);
  }
  return {network, task};
}

for (const masks of [false, true]) {
  test.serial(`a network that returns the targets scores 1, ${masks ? 'with' : 'without'} masks`, async t => {
    const dataset = shapes(8, {empty: 2});
    const {network, task} = await taught(dataset, {masks, scale: 2, border: 4});
    const metrics = await evaluate(task, dataset, {batchSize: 3});
    t.is(metrics.images, 8);
    t.is(metrics.AP, 1);
    t.is(metrics.AP50, 1);
    t.is(metrics.vocAP, 1);
    t.is(metrics.boxes.AR100, 1);
    // Masks are drawn by whole pixels, which is coarse for objects of 10.
    t.is(metrics.masks?.AP75, masks ? 1 : undefined);
    t.deepEqual(
      metrics.perClass.map(({AP}) => AP),
      [1, 1],
    );
    t.is(task.score(metrics), metrics.maskAP ?? 1);

    network.forget = k => k > 0;
    const half = await evaluate(task, dataset, {batchSize: 8});
    t.true(half.AP < 0.9);
    t.is(half.objects, metrics.objects);
  });
}

test.serial('predictions are in pixels of the image, cut to it, with masks of its size', async t => {
  const dataset = shapes(3, {size: 40});
  const {task} = await taught(dataset, {masks: true, scale: 3, border: 5});
  const samples = await Promise.all([0, 1, 2].map(i => dataset.get(i)));
  const found = await task.predict(samples.map(({image}) => image));
  for (const [i, {boxes, labels, masks}] of found.entries()) {
    t.deepEqual(
      [...boxes].map(value => Number(value.toFixed(3))),
      [...samples[i].boxes!],
    );
    t.deepEqual(labels, samples[i].labels);
    for (const [k, mask] of masks!.entries()) {
      t.deepEqual([mask.height, mask.width], [40, 40]);
      const truth = rleArea(samples[i].masks![k]);
      t.true(Math.abs(rleArea(mask) - truth) <= 0.1 * truth);
    }
  }
});

test('boxes that were placed come back', t => {
  const placement = {size: [30, 40], scale: [1.7, 2.3], offset: [8, 0]} as const;
  const boxes = Float32Array.of(1, 2, 30.5, 29, 0, 0, 40, 30);
  const there = placeBoxes(boxes, placement);
  t.deepEqual([...there.subarray(4)].map(Math.round), [0, 8, 92, 59]);
  for (const [i, value] of unplaceBoxes(there, placement).entries())
    t.true(Math.abs(value - boxes[i]) < 1e-5);
});

test.serial('masks lie where the image lies in the input', async t => {
  const dataset = shapes(1, {size: 20, objects: 1});
  const {masks} = await dataset.get(0);
  const task = detector(new OracleNetwork({masks: true, scale: 2, border: 3}), {
    categories: dataset.categories,
  });
  for await (const batch of task.batches(dataset, {batchSize: 1, training: true})) {
    const [target] = batch.targets;
    t.deepEqual(target.masks?.shape, [1, 46, 46]);
    t.is(
      tf.tidy(() => tf.sum(target.masks!).dataSync()[0]),
      4 * rleArea(masks![0]),
    );
    const [x1, y1, x2, y2] = target.boxes.dataSync();
    const inside = tf.tidy(
      () => tf.sum(tf.slice(target.masks!, [0, y1, x1], [1, y2 - y1, x2 - x1])).dataSync()[0],
    );
    t.is(inside, (x2 - x1) * (y2 - y1));
    disposeBatch(batch);
  }
});

test.serial('crowds are left out of training, as are boxes beside the image; negatives stay', async t => {
  const whole = shapes(1, {size: 32, masks: false});
  const {image, file} = await whole.get(0);
  const sample = {
    image,
    file,
    boxes: Float32Array.of(1, 1, 9, 9, 2, 2, 30, 30, 31.5, 4, 32.5, 9, 32, 4, 33, 9),
    labels: Int32Array.of(0, 1, 1, 0),
    crowd: Uint8Array.of(0, 1, 0, 0),
  };
  const none = {image, file, boxes: new Float32Array(), labels: new Int32Array()};
  const dataset: Dataset = {...whole, length: 2, get: async i => [sample, none][i]};
  const task = detector(new OracleNetwork(), {categories: whole.categories});
  for await (const batch of task.batches(dataset, {batchSize: 2, training: true})) {
    t.deepEqual(await batch.targets[0].boxes.array(), [
      [1, 1, 9, 9],
      [31.5, 4, 32, 9],
    ]);
    t.deepEqual(await batch.targets[0].labels.array(), [0, 1]);
    t.deepEqual(batch.targets[1].boxes.shape, [0, 4]);
    t.is(batch.labelled[0].labels.length, 4);
    disposeBatch(batch);
  }
});

test.serial('batches, measuring and predicting leave no tensors behind', async t => {
  const dataset = shapes(5);
  const {task} = await taught(dataset, {masks: true});
  const before = tf.memory().numTensors;
  await evaluate(task, dataset, {batchSize: 2});
  await task.predict([(await dataset.get(0)).image]);
  for await (const batch of task.batches(dataset, {batchSize: 2, training: true})) disposeBatch(batch);
  t.is(tf.memory().numTensors, before);
});

test.serial('data without boxes, or without masks where they are learnt, is refused', async t => {
  const dataset = shapes(1, {masks: false});
  const read = async (source: Dataset, masks: boolean) => {
    const task = detector(new OracleNetwork({masks}), {categories: dataset.categories});
    for await (const batch of task.batches(source, {batchSize: 1, training: true})) disposeBatch(batch);
  };
  await t.throwsAsync(read(dataset, true), {message: /scene-0\.png.*no masks, which this network learns/});
  const bare: Dataset = {
    ...dataset,
    get: async i => ({image: (await dataset.get(i)).image, file: 'a.png', label: 0}),
  };
  await t.throwsAsync(read(bare, false), {message: /a\.png.*objects are unknown.*coco, voc, yolo/});
  const infinite: Dataset = {
    ...dataset,
    get: async i => ({
      ...(await dataset.get(i)),
      boxes: Float32Array.of(0, Number.NaN, 1, 1),
      labels: Int32Array.of(0),
    }),
  };
  await t.throwsAsync(read(infinite, false), {message: /object 0: its box \[0, NaN, 1, 1\] must be finite/});
});
