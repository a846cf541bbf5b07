import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type Preprocess, Random, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import sharp from 'sharp';
import {type BatchesOptions, batches} from '../../src/batches.js';
import {type Dataset, subset} from '../../src/dataset.js';
import {ImageDecodeError} from '../../src/imageDecodeError.js';
import {imageFolder} from '../../src/readers/imageFolder.js';
import {samples} from '../../src/samples.js';
import {randomFlip} from '../../src/transforms/randomFlip.js';
import {makeImage, temporaryFolder} from '../support.js';

test.before(async () => {
  await selectEngine('cpu');
});

const preprocess: Preprocess = {
  inputSize: [8, 8],
  resize: 10,
  color: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

/** Twenty JPEGs of different sizes in two classes; those named are no images. */
async function photos(folder: string, ...broken: number[]): Promise<Dataset> {
  for (let i = 0; i < 20; i++) {
    const place = join(folder, i < 10 ? 'a' : 'b');
    await mkdir(place, {recursive: true});
    const [width, height] = [16 + i, 30 - i];
    const {data} = makeImage(
      width,
      height,
      3,
      (x, y, c) => 128 + 100 * Math.sin(x / 5 + c + i) * Math.cos(y / 4),
    );
    const jpeg = await sharp(data, {raw: {width, height, channels: 3}})
      .jpeg()
      .toBuffer();
    await writeFile(join(place, `${100 + i}.jpg`), broken.includes(i) ? 'no image' : jpeg);
  }
  return imageFolder(folder);
}

/** Everything that the batches hold; frees the tensors. */
async function contents(dataset: Dataset, options: Partial<BatchesOptions>) {
  const reading = batches(dataset, {batchSize: 6, preprocess, ...options});
  const all: unknown[] = [];
  for await (const {images, labels, files, next} of reading) {
    all.push({images: [...images.dataSync()], labels: [...labels.dataSync()], files, next});
    tf.dispose([images, labels]);
  }
  return {all, skipped: reading.skipped.map(({file}) => file)};
}

test('threads change nothing in what is read: order, pixels, labels, what is skipped', async t => {
  const dataset = await photos(await temporaryFolder(t), 3, 17);
  const options = () => ({shuffle: new Random(4), onError: 'skip'}) as const;
  const expected = await contents(dataset, {...options(), decodeThreads: 0});
  t.is(expected.skipped.length, 2);
  t.deepEqual(await contents(dataset, {...options(), decodeThreads: 2}), expected);
  t.deepEqual(await contents(dataset, options()), expected);
});

test('images that are augmented reach the transform as they were', async t => {
  const dataset = subset(
    await photos(await temporaryFolder(t)),
    Array.from({length: 20}, (_, i) => 19 - i),
  );
  const augmented = async (decodeThreads: number) => {
    const sizes: number[] = [];
    const flip = randomFlip();
    const result = await contents(dataset, {
      decodeThreads,
      random: new Random(2),
      augment(sample, random) {
        sizes.push(sample.image.width);
        return flip(sample, random);
      },
    });
    return {result, sizes: sizes.sort()};
  };
  const expected = await augmented(0);
  t.is(new Set(expected.sizes).size, 20);
  t.deepEqual(await augmented(2), expected);
});

test('samples keep their size, and a broken one ends everything unless it is skipped', async t => {
  const dataset = await photos(await temporaryFolder(t), 5);
  await t.throwsAsync(contents(dataset, {decodeThreads: 2}), {
    instanceOf: ImageDecodeError,
    message: /105\.jpg: .*no image/,
  });
  const widths: number[] = [];
  for await (const batch of samples(dataset, {batchSize: 4, decodeThreads: 2, onError: 'skip'}))
    widths.push(...batch.samples.map(({image}) => image.width));
  t.deepEqual(
    widths,
    Array.from({length: 20}, (_, i) => 16 + i).filter(width => width !== 21),
  );
});
