import {type Preprocess, Random, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {batches} from '../src/batches.js';
import type {Dataset} from '../src/dataset.js';
import {aspectGroups} from '../src/groupedOrder.js';
import {ImageDecodeError} from '../src/imageDecodeError.js';
import type {ReadingOptions} from '../src/readAhead.js';
import type {Transform} from '../src/sample.js';
import {samples} from '../src/samples.js';
import {datasetOf, makeImage} from './support.js';

test.before(async () => {
  await selectEngine('cpu');
});

const numbers = (count: number) =>
  datasetOf(Array.from({length: count}, (_, i) => makeImage(2, 2, 1, () => i)));

/** Replaces an image by a number drawn at random. */
const noise: Transform = (sample, random) => ({...sample, image: makeImage(2, 2, 1, () => random.int(256))});

async function read(dataset: Dataset, options: ReadingOptions) {
  const lists: {labels: number[]; values: number[]; next: number}[] = [];
  for await (const {samples: list, next} of samples(dataset, options)) {
    const values = list.map(({image}) => image.data[0]);
    lists.push({labels: list.map(({label}) => label!), values, next});
  }
  return lists;
}

test('samples come in batches, untouched', async t => {
  const dataset = numbers(3);
  const lists: unknown[] = [];
  for await (const batch of samples(dataset, {batchSize: 2})) lists.push(batch);
  t.deepEqual(lists, [
    {samples: [await dataset.get(0), await dataset.get(1)], next: 2},
    {samples: [await dataset.get(2)], next: 3},
  ]);
});

test('an order resumed at any batch goes on as it would have, and reads nothing before', async t => {
  const options = (start: number) => ({
    batchSize: 4,
    shuffle: new Random(1),
    augment: noise,
    random: new Random(2),
    start,
  });
  const whole = await read(numbers(22), options(0));
  t.is(whole.length, 6);
  for (let b = 0; b < whole.length; b++) {
    const seen: number[] = [];
    const watched: Dataset = {
      ...numbers(22),
      get: index => {
        seen.push(index);
        return numbers(22).get(index);
      },
    };
    t.deepEqual(await read(watched, options(whole[b].next)), whole.slice(b + 1));
    t.deepEqual(
      seen,
      whole.slice(b + 1).flatMap(({labels}) => labels),
    );
  }
});

test('a resumed order counts the samples that were left out', async t => {
  const broken: Dataset = {
    ...numbers(9),
    get: async index => {
      if (index % 3 === 1) throw new ImageDecodeError(`image ${index}`, 'broken');
      return numbers(9).get(index);
    },
  };
  const options = {batchSize: 2, onError: 'skip', concurrency: 3} as const;
  const whole = await read(broken, options);
  t.deepEqual(
    whole.map(({labels, next}) => [labels, next]),
    [
      [[0, 2], 3],
      [[3, 5], 6],
      [[6, 8], 9],
    ],
  );
  t.deepEqual(await read(broken, {...options, start: 3}), whole.slice(1));
});

test('batches of images resume likewise', async t => {
  const preprocess: Preprocess = {inputSize: [2, 2], color: 'gray', scale: 1, mean: [0], std: [1]};
  const labels: number[][] = [];
  for await (const batch of batches(numbers(7), {batchSize: 3, preprocess, start: 3})) {
    labels.push([...batch.labels.dataSync(), batch.next]);
    tf.dispose([batch.images, batch.labels]);
  }
  t.deepEqual(labels, [
    [3, 4, 5, 6],
    [6, 7],
  ]);
});

test('a batch has samples of one group; every sample comes once', async t => {
  const groups = Uint8Array.from({length: 40}, (_, i) => (i * i) % 3);
  const options = {batchSize: 4, groups, shuffle: new Random(3)};
  const lists = await read(numbers(40), options);
  for (const {labels} of lists) t.is(new Set(labels.map(label => groups[label])).size, 1);
  t.deepEqual(
    lists.flatMap(({labels}) => labels).sort((a, b) => a - b),
    [...Array(40).keys()],
  );
  t.is(lists.filter(({labels}) => labels.length < 4).length, 2, '14 and 26 leave a rest of 2 each');
  const full = await read(numbers(40), {...options, shuffle: new Random(3), dropLast: true});
  t.deepEqual(full, lists.slice(0, 9));
  const resumed = await read(numbers(40), {...options, shuffle: new Random(3), start: lists[2].next});
  t.deepEqual(resumed, lists.slice(3));
});

test('a broken sample leaves the batch of its group smaller', async t => {
  const broken: Dataset = {
    ...numbers(6),
    get: async index => {
      if (index === 2) throw new ImageDecodeError('image 2', 'broken');
      return numbers(6).get(index);
    },
  };
  const lists = await read(broken, {batchSize: 3, groups: [0, 1, 0, 1, 0, 1], onError: 'skip'});
  t.deepEqual(
    lists.map(({labels}) => labels),
    [
      [0, 4],
      [1, 3, 5],
    ],
  );
});

test('shapes are grouped as torchvision groups them', t => {
  const sizes = [
    [100, 100],
    [99, 100],
    [200, 100],
    [10, 100],
    [126, 100],
    [125, 100],
  ] as const;
  const dataset = {
    length: sizes.length,
    record: (i: number) => ({file: `${i}.jpg`, source: 'x', size: sizes[i], objects: []}),
  };
  // Divided at 0.5, 0.63, 0.79, 1, 1.26,  t.deepEqual([...aspectGroups(dataset)], [4, 3, 7, 0, 5, 4]);
  t.deepEqual([...aspectGroups(dataset, {k: 0})], [1, 0, 1, 0, 1, 1]);
  const unknown = {length: 1, record: () => ({file: 'a.jpg', source: 'x', objects: []})};
  t.throws(() => aspectGroups(unknown), {message: /do not tell the size of a.jpg/});
});

test('options out of range are refused', t => {
  t.throws(() => samples(numbers(3), {batchSize: 1, start: 4}), {
    message: /samples: start must be a whole number from 0 to 3, got 4/,
  });
  t.throws(() => samples(numbers(3), {batchSize: 1, groups: [0]}), {
    message: /samples: groups must have an entry for each of 3 samples, got 1/,
  });
  t.throws(() => samples(numbers(3), {batchSize: 1, augment: noise}), {message: /augment needs random/});
});
