import {type Preprocess, Random, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {batches} from '../src/batches.js';
import {type Dataset, split, subset} from '../src/dataset.js';
import {DatasetError} from '../src/datasetError.js';
import {ImageDecodeError} from '../src/imageDecodeError.js';
import {compose} from '../src/transforms/compose.js';
import {randomCrop} from '../src/transforms/randomCrop.js';
import {randomFlip} from '../src/transforms/randomFlip.js';
import {datasetOf, makeImage} from './support.js';

test.before(async () => {
  await selectEngine('cpu');
});

const preprocess: Preprocess = {inputSize: [2, 2], color: 'gray', scale: 1, mean: [0], std: [1]};

/** `count` grey images of 2 × 2; each pixel of image i is i. */
const numbers = (count: number) =>
  datasetOf(Array.from({length: count}, (_, i) => makeImage(2, 2, 1, () => i)));

const broken = (dataset: Dataset, ...indices: number[]): Dataset => ({
  ...dataset,
  get: async index => {
    if (indices.includes(index)) throw new ImageDecodeError(`image ${index}`, 'broken');
    return dataset.get(index);
  },
});

/** The labels of each batch; checks that images and files agree with them, and frees the tensors. */
async function labelsOf(
  t: {deepEqual(a: unknown, b: unknown): unknown},
  source: AsyncIterable<{images: tf.Tensor4D; labels: tf.Tensor1D; files: string[]}>,
): Promise<number[][]> {
  const all: number[][] = [];
  for await (const {images, labels, files} of source) {
    const values = [...labels.dataSync()];
    t.deepEqual(images.shape, [values.length, 2, 2, 1]);
    t.deepEqual(
      [...images.dataSync()],
      values.flatMap(value => [value, value, value, value]),
    );
    t.deepEqual(
      files,
      values.map(value => `image ${value}`),
    );
    all.push(values);
    tf.dispose([images, labels]);
  }
  return all;
}

test('batches come in order, the last one smaller or left out', async t => {
  const options = {batchSize: 3, preprocess};
  t.deepEqual(await labelsOf(t, batches(numbers(7), options)), [[0, 1, 2], [3, 4, 5], [6]]);
  t.deepEqual(await labelsOf(t, batches(numbers(7), {...options, dropLast: true})), [
    [0, 1, 2],
    [3, 4, 5],
  ]);
  t.deepEqual(await labelsOf(t, batches(numbers(0), options)), []);
});

for (const engine of ['auto', 'wasm', 'cpu'] as const) {
  test.serial(`on ${engine}, batches keep their values while the next are made`, async t => {
    await selectEngine(engine);
    t.teardown(() => selectEngine('cpu'));
    const held: tf.Tensor4D[] = [];
    for await (const {images} of batches(numbers(7), {batchSize: 3, preprocess})) held.push(images);
    const kept = held.map(images => [...images.dataSync()].filter((_, i) => i % 4 === 0));
    t.deepEqual(kept, [[0, 1, 2], [3, 4, 5], [6]]);
    tf.dispose(held);
  });
}

test('labels are int32, and −1 where there is none', async t => {
  const unlabelled: Dataset = {
    length: 1,
    categories: [],
    get: async () => ({image: makeImage(2, 2, 1), file: 'x'}),
  };
  for await (const {labels} of batches(unlabelled, {batchSize: 1, preprocess})) {
    t.is(labels.dtype, 'int32');
    t.deepEqual([...labels.dataSync()], [-1]);
  }
});

test('a shuffled order has every image once and depends on the seed alone', async t => {
  const order = async (seed: number) =>
    (await labelsOf(t, batches(numbers(50), {batchSize: 8, preprocess, shuffle: new Random(seed)}))).flat();
  const first = await order(1);
  t.deepEqual(
    [...first].sort((a, b) => a - b),
    [...Array(50).keys()],
  );
  t.deepEqual(await order(1), first);
  t.notDeepEqual(await order(2), first);
  t.notDeepEqual(first, [...Array(50).keys()]);
});

test('a slow image does not change the order, and no more than the concurrency is read at once', async t => {
  let [reading, most] = [0, 0];
  const numbered = numbers(20);
  const slow: Dataset = {
    ...numbered,
    async get(index) {
      most = Math.max(most, ++reading);
      await new Promise(resolve => setTimeout(resolve, index % 3 === 0 ? 12 : 1));
      reading--;
      return numbered.get(index);
    },
  };
  const labels = await labelsOf(t, batches(slow, {batchSize: 4, preprocess, concurrency: 3}));
  t.deepEqual(labels.flat(), [...Array(20).keys()]);
  t.is(most, 3);
});

test('one batch is read ahead while the consumer works, and no more', async t => {
  let started = 0;
  const numbered = numbers(100);
  const counted: Dataset = {
    ...numbered,
    get(index) {
      started++;
      return numbered.get(index);
    },
  };
  for await (const {images, labels} of batches(counted, {batchSize: 5, preprocess, concurrency: 8})) {
    tf.dispose([images, labels]);
    await new Promise(resolve => setTimeout(resolve, 10));
    t.true(started >= 9 && started <= 15, `${started} images were read for the first batch of 5`);
    break;
  }
});

test('broken images are skipped and listed, and batches stay full', async t => {
  const reading = batches(broken(numbers(8), 1, 6), {batchSize: 3, preprocess, onError: 'skip'});
  t.deepEqual(await labelsOf(t, reading), [
    [0, 2, 3],
    [4, 5, 7],
  ]);
  t.deepEqual(reading.skipped, [
    {file: 'image 1', reason: 'broken'},
    {file: 'image 6', reason: 'broken'},
  ]);
});

test('annotations that do not fit their image are skipped like a broken image', async t => {
  const wrong: Dataset = {
    ...numbers(3),
    get: async index => {
      if (index === 1) throw new DatasetError('labels/1.txt', 'line 4: no such class');
      return numbers(3).get(index);
    },
  };
  const reading = batches(wrong, {batchSize: 2, preprocess, onError: 'skip'});
  t.deepEqual(await labelsOf(t, reading), [[0, 2]]);
  t.deepEqual(reading.skipped, [{file: 'labels/1.txt', reason: 'line 4: no such class'}]);
  await t.throwsAsync(labelsOf(t, batches(wrong, {batchSize: 2, preprocess})), {instanceOf: DatasetError});
});

test('a broken image ends everything by default; an error of another kind always does', async t => {
  await t.throwsAsync(labelsOf(t, batches(broken(numbers(8), 4), {batchSize: 3, preprocess})), {
    instanceOf: ImageDecodeError,
    message: 'image 4: broken',
  });
  const failing: Dataset = {...numbers(3), get: () => Promise.reject(new TypeError('a mistake'))};
  await t.throwsAsync(labelsOf(t, batches(failing, {batchSize: 3, preprocess, onError: 'skip'})), {
    instanceOf: TypeError,
  });
});

test('a consumer that stops early leaves no rejection behind', async t => {
  for await (const {images, labels} of batches(broken(numbers(8), 3, 4, 5), {batchSize: 2, preprocess})) {
    tf.dispose([images, labels]);
    break;
  }
  await new Promise(resolve => setTimeout(resolve, 10)); // an unhandled rejection would end the process
  t.pass();
});

test('augmentation depends on the seed alone, not on concurrency', async t => {
  const images = datasetOf(
    Array.from({length: 12}, (_, i) => makeImage(6, 6, 3, (x, y, c) => i * 20 + x + y * 6 + c)),
  );
  const read = async (concurrency: number, seed: number) => {
    const values: number[] = [];
    const augment = compose(randomCrop({padding: 2}), randomFlip());
    const colour: Preprocess = {inputSize: [6, 6], color: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1]};
    for await (const batch of batches(images, {
      batchSize: 5,
      preprocess: colour,
      augment,
      random: new Random(seed),
      concurrency,
    })) {
      values.push(...batch.images.dataSync());
      tf.dispose([batch.images, batch.labels]);
    }
    return values;
  };
  const first = await read(1, 9);
  t.deepEqual(await read(7, 9), first);
  t.notDeepEqual(await read(1, 10), first);
});

test('images of other sizes are resized, together with those that fit', async t => {
  const images = datasetOf([
    makeImage(2, 2, 1, () => 7),
    makeImage(31, 17, 1, () => 9),
    makeImage(2, 2, 3, () => 5),
  ]);
  for await (const batch of batches(images, {batchSize: 3, preprocess})) {
    t.deepEqual([...batch.images.dataSync()], [7, 7, 7, 7, 9, 9, 9, 9, 5, 5, 5, 5]);
  }
});

test('options out of range are refused', t => {
  t.throws(() => batches(numbers(1), {batchSize: 0, preprocess}), {
    message: /batchSize must be a whole number from 1 up, got 0/,
  });
  t.throws(() => batches(numbers(1), {batchSize: 1, concurrency: 0.5, preprocess}), {
    message: /concurrency .* got 0.5/,
  });
  t.throws(() => batches(numbers(1), {batchSize: 1, preprocess, augment: randomFlip()}), {
    message: /augment needs random/,
  });
});

test('a split has every image once, in order, and depends on the seed', async t => {
  const numbered = numbers(20);
  const {train, validation} = split(numbered, {validation: 0.25, random: new Random(3)});
  t.deepEqual([train.length, validation.length], [15, 5]);
  const labels = async (dataset: Dataset) =>
    Promise.all(Array.from({length: dataset.length}, async (_, i) => (await dataset.get(i)).label!));
  const [kept, held] = [await labels(train), await labels(validation)];
  t.deepEqual(
    [...kept, ...held].sort((a, b) => a - b),
    [...Array(20).keys()],
  );
  t.deepEqual(
    held,
    [...held].sort((a, b) => a - b),
  );
  t.notDeepEqual(held, await labels(split(numbered, {validation: 0.25, random: new Random(4)}).validation));
  t.throws(() => split(numbers(3), {validation: 0.01, random: new Random(1)}), {
    message: /leaves a part empty/,
  });
});

test('a subset gives the images it names, and no others', async t => {
  const part = subset(numbers(5), [4, 1, 1]);
  t.deepEqual([part.length, (await part.get(0)).label, (await part.get(2)).label], [3, 4, 1]);
  await t.throwsAsync(part.get(3), {message: /no image 3; expected a whole number from 0 to 2/});
  t.throws(() => subset(numbers(5), [5]), {instanceOf: RangeError});
});
