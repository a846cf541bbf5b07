import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fallbacks, Random, rleFromMask, selectEngine} from '@foveal/core';
import {compose, type Dataset, maskFolder, randomCrop, randomFlip, type Sample} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import sharp from 'sharp';
import {evaluate} from '../../src/evaluate.js';
import {borderWeights} from '../../src/segmentation/borderWeights.js';
import {classMapsOfMasks} from '../../src/segmentation/classMapsOfMasks.js';
import {connectedComponents} from '../../src/segmentation/connectedComponents.js';
import {indexPng} from '../../src/segmentation/indexPng.js';
import {pixelBatches} from '../../src/segmentation/pixelBatches.js';
import {predictClasses} from '../../src/segmentation/predictClasses.js';
import {segmentationLosses} from '../../src/segmentation/segmentationLosses.js';
import {segmenter} from '../../src/segmentation/segmenter.js';
import {tilesOf} from '../../src/segmentation/tiles.js';
import {disposeBatch} from '../../src/task.js';
import {train} from '../../src/train/train.js';

test.before(() => selectEngine());
// On torch, every kernel they reached was native.
test.after(t => t.deepEqual(fallbacks(), {}));

const categories = ['dark', 'bright'];

/** Bright discs on a dark ground; the border of each does not count. */
function discs(count: number, [height, width]: [number, number] = [32, 40]): Dataset {
  const make = (index: number): Sample => {
    const random = new Random(index);
    const [x, y, r] = [8 + random.int(width - 16), 8 + random.int(height - 16), 5 + random.int(4)];
    const data = new Uint8Array(width * height * 3);
    const classMap = new Uint8Array(width * height);
    for (let i = 0; i < classMap.length; i++) {
      const distance = Math.hypot((i % width) - x, Math.floor(i / width) - y);
      classMap[i] = distance < r ? 1 : distance < r + 1 ? 255 : 0;
      data.fill((distance < r + 0.5 ? 150 : 60) + random.int(50), 3 * i, 3 * i + 3);
    }
    return {image: {data, width, height, channels: 3}, classMap, file: `disc ${index}`};
  };
  return {length: count, categories, get: async index => make(index)};
}

test.serial('a U-Net learns four images by heart, and its metrics are those of its predictions', async t => {
  t.timeout(120_000);
  const task = segmenter('unet', {categories, options: {channels: 4, depth: 2, batchNorm: true}, seed: 1});
  const dataset = discs(4);
  await train(task, dataset, {
    steps: 40,
    batchSize: 4,
    optimizer: 'adam',
    learningRate: 0.01,
    seed: 1,
    onProgress: () => {},
  });
  const metrics = await evaluate(task, dataset);
  t.true(metrics.meanIou! > 0.95, `mean IoU ${metrics.meanIou}`);
  t.is(metrics.images, 4);
  let [right, counted] = [0, 0];
  for (let i = 0; i < 4; i++) {
    const {image, classMap} = await dataset.get(i);
    const [{classMap: predicted, width, height}] = await task.predict([image]);
    t.deepEqual([width, height, predicted.length], [40, 32, 1280]);
    classMap!.forEach((truth, pixel) => {
      if (truth === 255) return;
      counted++;
      if (predicted[pixel] === truth) right++;
    });
  }
  t.is(metrics.pixels, counted);
  t.is(metrics.pixelAccuracy, right / counted);
  task.model.dispose();
});

test.serial('a run that is stopped and resumed ends with the weights of one that is not', async t => {
  t.timeout(120_000);
  const folder = await mkdtemp(join(tmpdir(), 'foveal-'));
  const run = async (out: string, stopAt = Infinity) => {
    const options = {channels: 2, depth: 2, batchNorm: true, dropout: 0.5};
    const task = segmenter('unet', {categories, options, border: {object: 1}, seed: 1});
    const stop = new AbortController();
    await train(task, discs(5), {
      steps: 8,
      batchSize: 2,
      optimizer: 'adam',
      augment: compose(randomCrop({size: 24}), randomFlip()),
      validation: discs(2),
      out: join(folder, out),
      resume: true,
      logSteps: 1,
      signal: stop.signal,
      onProgress: ({step}) => step >= stopAt && stop.abort(),
    });
    const weights = task.model.parameters().map(parameter => [...parameter.dataSync()]);
    task.model.dispose();
    return weights;
  };
  const whole = await run('whole');
  t.notDeepEqual(await run('parts', 4), whole);
  t.deepEqual(await run('parts'), whole);
});

test('tiles cover every pixel once, and lie within the image', t => {
  for (const [height, width] of [
    [64, 64],
    [65, 100],
    [300, 64],
    [129, 511],
  ]) {
    const counts = new Uint8Array(height * width);
    for (const {top, left, height: h, width: w, kept} of tilesOf(height, width, {tile: 64, overlap: 16})) {
      t.true(top >= 0 && left >= 0 && top + h <= height && left + w <= width);
      t.true(kept[0] >= top && kept[1] >= left && kept[2] <= top + h && kept[3] <= left + w);
      // Away from the border of the image, half of the overlap at least lies around what counts.
      t.true((top === 0 || kept[0] - top >= 8) && (left === 0 || kept[1] - left >= 8));
      t.true(top + h === height || top + h - kept[2] >= 8);
      t.true(left + w === width || left + w - kept[3] >= 8);
      for (let y = kept[0]; y < kept[2]; y++) for (let x = kept[1]; x < kept[3]; x++) counts[y * width + x]++;
    }
    t.true(counts.every(count => count === 1));
  }
  t.is(tilesOf(50, 40, {tile: 64, overlap: 16}).length, 1);
  t.throws(() => tilesOf(99, 99, {tile: 32, overlap: 16}), {
    message: /more than twice the overlap.*32 and 16/,
  });
});

test('tiles give what the whole image gives, where the overlap holds what a pixel sees', async t => {
  // Blurring sees 3 pixels far.
  const network = {
    forward: (x: tf.Tensor4D) => tf.concat([tf.avgPool(x, 7, 1, 'same'), tf.zerosLike(x)], 3) as tf.Tensor4D,
  };
  const images = tf.randomNormal([2, 40, 57, 1], 0, 1, 'float32', 3) as tf.Tensor4D;
  const whole = await predictClasses(network as never, images, {classes: 2});
  const tiled = await predictClasses(network as never, images, {classes: 2, tile: 20, overlap: 8});
  // The borders of the image are where the average has fewer pixels, in tiles as in the whole.
  t.deepEqual(tiled, whole);
  const high = await predictClasses(network as never, images, {classes: 2, tile: 48, overlap: 8});
  t.deepEqual(high, whole, 'a tile larger than the image in one direction');
  t.deepEqual(await predictClasses(network as never, images, {classes: 2, tile: 99}), whole);
});

test('batches keep sizes apart in evaluation, and fill up with pixels that do not count in training', async t => {
  const mixed: Dataset = {
    length: 3,
    categories,
    get: async index => await discs(3, index === 2 ? [24, 48] : [32, 40]).get(index),
  };
  const {preprocess} = segmenter('unet', {categories, options: {channels: 1, depth: 1}}).description;
  const shapes: number[][] = [];
  for await (const batch of pixelBatches(mixed, {batchSize: 3, preprocess: preprocess!})) {
    shapes.push(batch.images.shape);
    disposeBatch(batch);
  }
  t.deepEqual(shapes, [
    [2, 32, 40, 3],
    [1, 24, 48, 3],
  ]);
  const [batch] = await collect(pixelBatches(mixed, {batchSize: 3, preprocess: preprocess!, training: true}));
  t.deepEqual(batch.labels.shape, [3, 32, 48]);
  const labels = batch.labels.arraySync();
  t.is(labels[0][0][0], 0);
  t.is(labels[0][0][40], -1);
  t.is(labels[2][24][0], -1);
  disposeBatch(batch);
});

test('losses are mixed by name, auxiliary heads by their weights, and pixels by theirs', t => {
  const images = tf.zeros([1, 2, 2, 3]) as tf.Tensor4D;
  const labels = tf.tensor3d([0, 1, -1, 0], [1, 2, 2], 'int32');
  const logits = tf.tensor4d([1, 0, 0, 1, 0, 0, 2, 0], [1, 2, 2, 2]);
  const network = {
    auxiliaryWeights: [0.5],
    forward: () => tf.clone(logits),
    forwardAll: () => [tf.clone(logits), tf.zerosLike(logits)],
  } as never;
  const losses = segmentationLosses(
    network,
    {images, labels, files: ['a']},
    {losses: {crossEntropy: 2, dice: 1}},
  );
  t.deepEqual(Object.keys(losses), ['crossEntropy', 'dice', 'auxiliary']);
  const expected = (2 * Math.log(1 + Math.exp(-1)) + Math.log(1 + Math.exp(-2))) / 3;
  t.true(Math.abs(losses['crossEntropy'].dataSync()[0] - 2 * expected) < 1e-5);
  const weights = tf.tensor3d([0, 3, 9, 0], [1, 2, 2]);
  const plain = {forward: () => tf.clone(logits)} as never;
  const weighted = segmentationLosses(plain, {images, labels, weights, files: ['a']});
  t.true(Math.abs(weighted['crossEntropy'].dataSync()[0] - Math.log(1 + Math.exp(-1))) < 1e-5);
});

test('components touch by their sides, and weights rise between two of them', t => {
  const row = [1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1];
  const {labels, boxes} = connectedComponents(row, [1, 11], 1);
  t.deepEqual([...labels], [1, 1, 0, 2, 2, 0, 0, 0, 0, 0, 3]);
  t.deepEqual(boxes[1], [3, 0, 5, 1]);
  t.is(connectedComponents([1, 0, 0, 1], [2, 2], 1).boxes.length, 2);
  const weights = borderWeights(row, [1, 11], {object: 1, w0: 10, sigma: 2});
  const [object, ground] = [11 / (2 * 5), 11 / (2 * 6)];
  const at = (d1: number, d2: number) => ground + 10 * Math.exp(-((d1 + d2) ** 2) / 8);
  const expected = [
    object,
    object,
    at(1, 1),
    object,
    object,
    at(1, 4),
    at(2, 4),
    at(3, 3),
    at(2, 4),
    at(1, 5),
    object,
  ];
  for (const [i, value] of expected.entries()) {
    t.true(Math.abs(weights[i] - value) < 1e-5, `${i}: ${weights[i]}, ${value}`);
  }
});

test('objects with masks become classes for each pixel', async t => {
  const image = {data: new Uint8Array(12), width: 2, height: 2, channels: 3 as const};
  const masks = [
    [1, 1, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 0, 1],
  ].map(mask => rleFromMask(Uint8Array.from(mask), 2, 2));
  const objects: Dataset = {
    length: 1,
    categories: ['cat', 'dog'],
    get: async () => ({
      image,
      masks,
      labels: Int32Array.of(0, 1, 0),
      crowd: Uint8Array.of(0, 0, 1),
      file: 'a',
    }),
  };
  const dataset = classMapsOfMasks(objects);
  t.deepEqual(dataset.categories, ['background', 'cat', 'dog']);
  t.deepEqual([...(await dataset.get(0)).classMap!], [1, 2, 0, 255]);
});

test('index PNGs have a palette, and are read back as they were', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'foveal-'));
  const classMap = Uint8Array.from({length: 15}, (_, i) => i % 4);
  const png = indexPng({classMap, width: 5, height: 3}, 4);
  await writeFile(join(folder, 'mask.png'), png);
  t.is(png[25], 3); // colour type 3: a palette
  const {data} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
  t.deepEqual([...data.subarray(0, 6)], [0x00, 0x72, 0xb2, 0xd5, 0x5e, 0x00]);
  const read = await maskFolder(folder, {masks: folder, categories: ['a', 'b', 'c', 'd']});
  t.deepEqual((await read.get(0)).classMap, classMap);
  const wide = Uint16Array.from({length: 6}, (_, i) => 60 * i);
  await writeFile(join(folder, 'mask.png'), indexPng({classMap: wide, width: 2, height: 3}, 301));
  const names = Array.from({length: 301}, (_, i) => `${i}`);
  t.deepEqual((await (await maskFolder(folder, {masks: folder, categories: names})).get(0)).classMap, wide);
});

test('errors say what was expected, what came and what to do', async t => {
  const {image} = await discs(1).get(0);
  const task = segmenter('unet', {categories, options: {channels: 1, depth: 1}});
  const bare: Dataset = {length: 1, categories, get: async () => ({image, file: 'bare.png'})};
  await t.throwsAsync(evaluate(task, bare), {message: /bare\.png.*expected a class for each pixel/});
  const beyond: Dataset = {
    ...discs(1),
    get: async () => ({...(await discs(1).get(0)), classMap: new Uint8Array(1280).fill(2)}),
  };
  await t.throwsAsync(evaluate(task, beyond), {message: /disc 0: expected classes from 0 to 1, got 2/});
  t.throws(() => segmenter('unnet' as never, {categories}), {
    message: /no network "unnet"\. The nearest name is "unet"/,
  });
  const narrow = {forward: (x: tf.Tensor4D) => tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, 1])} as never;
  const preprocess = task.description.preprocess;
  const own = segmenter(narrow, {categories, preprocess});
  await t.throwsAsync(own.predict([image]), {message: /yields 1 classes, but there are 2 categories/});
  t.throws(() => segmenter(narrow, {categories}), {message: /needs its preprocess/});
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
