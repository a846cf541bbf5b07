import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import sharp from 'sharp';
import {classifier} from '../../src/classification/classifier.js';
import {imageFiles} from '../../src/predict/imageFiles.js';
import {BrokenImagesError, predict} from '../../src/predict/predict.js';
import {patterns, writePng} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.before(async () => {
  await selectEngine();
});

const dataset = patterns(5);
const network = () => classifier('lenet5', {categories: dataset.categories});

test.serial(
  'predictions come in the order of the files, and broken ones are thrown together at the end',
  async t => {
    const folder = temporaryFolder(t);
    const files: string[] = [];
    for (let i = 0; i < dataset.length; i++) {
      const file = join(folder, `${i}.png`);
      if (i % 2) writeFileSync(file, 'no image');
      else await writePng((await dataset.get(i)).image, file);
      files.push(file);
    }
    const seen: string[] = [];
    const task = network();
    const before = tf.memory().numTensors;
    const error = await t.throwsAsync(
      async () => {
        for await (const {file, categories} of predict(task, files, {batchSize: 2})) {
          seen.push(file);
          t.is(categories.length, 3);
          t.true(Math.abs(categories.reduce((sum, {score}) => sum + score, 0) - 1) < 1e-5);
          t.true(categories[0].score >= categories[1].score && categories[1].score >= categories[2].score);
        }
      },
      {instanceOf: BrokenImagesError},
    );
    t.deepEqual(seen, [files[0], files[2], files[4]]);
    t.deepEqual(
      error?.broken.map(({file}) => file),
      [files[1], files[3]],
    );
    t.is(tf.memory().numTensors, before);
  },
);

test.serial('a prediction does not depend on what else is in the batch', async t => {
  const folder = temporaryFolder(t);
  const files: string[] = [];
  for (let i = 0; i < dataset.length; i++) {
    files.push(join(folder, `${i}.png`));
    await writePng((await dataset.get(i)).image, files[i]);
  }
  const task = network();
  const scores = async (batchSize: number) => {
    const all: number[] = [];
    for await (const {categories} of predict(task, files, {batchSize})) all.push(categories[0].score);
    return all;
  };
  const [single, together] = [await scores(1), await scores(5)];
  single.forEach((score, i) => {
    t.true(Math.abs(score - together[i]) < 1e-5);
  });
});

test.serial('the next batch is asked for before the model blocks the thread', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'pattern.png');
  await writePng((await dataset.get(0)).image, file);
  let asked = 0;
  function* files() {
    while (asked < 48) {
      asked++;
      yield file;
    }
  }
  const task = network();
  const askedByThen: number[] = [];
  const watched = {
    ...task,
    predict(images: Parameters<typeof task.predict>[0]) {
      askedByThen.push(asked);
      return task.predict(images);
    },
  };
  for await (const _ of predict(watched, files(), {batchSize: 16}));
  t.deepEqual(askedByThen, [32, 48, 48]);
});

test.serial('whoever stops early leaves no tensors and no rejection behind', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'a.png');
  await writePng((await dataset.get(0)).image, file);
  const task = network();
  const before = tf.memory().numTensors;
  const endless = function* () {
    while (true) yield file;
  };
  for await (const _ of predict(task, endless(), {batchSize: 2})) break;
  t.is(tf.memory().numTensors, before);
});

test.serial('a folder stands for the images below it, in the order of their numbers', async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'deep'));
  for (const name of ['10.png', '9.JPG', 'notes.txt', '.hidden.png', 'deep/1.webp']) {
    writeFileSync(join(folder, name), '');
  }
  symlinkSync(folder, join(folder, 'deep', 'loop'));
  const found: string[] = [];
  for await (const file of imageFiles([folder, '/nowhere.png'])) found.push(file);
  t.deepEqual(found, [
    join(folder, '9.JPG'),
    join(folder, '10.png'),
    join(folder, 'deep', '1.webp'),
    '/nowhere.png',
  ]);
});

test.serial('a glob stands for what it matches, and - for the lines of a list', async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'deep'));
  const names = ['b.jpg', 'a.png', 'deep/c.jpg', 'odd [1].jpg'].map(name => join(folder, name));
  for (const name of names) writeFileSync(name, '');
  const found = async (paths: string[], list = '') => {
    const files: string[] = [];
    for await (const file of imageFiles(paths, {list: Readable.from([list])})) files.push(file);
    return files;
  };
  t.deepEqual(await found([join(folder, '**/*.jpg')]), [names[0], names[2], names[3]]);
  t.deepEqual(await found([names[3]]), [names[3]]);
  t.deepEqual(await found(['-', '/last.png'], `${names[1]}\r\n\n${join(folder, 'deep')}\n`), [
    names[1],
    names[2],
    '/last.png',
  ]);
  t.deepEqual(await found([join(folder, '*.gif')]), [join(folder, '*.gif')]);
});

test.serial('an image that takes too long is given up, and the others are predicted', async t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'a.png');
  // A small one may be read before the shortest of timers is up.
  await sharp({create: {width: 4000, height: 3000, channels: 3, background: 'teal'}}).toFile(file);
  const reasons: string[] = [];
  const onBroken = ({reason}: {reason: string}) => void reasons.push(reason);
  for await (const _ of predict(network(), [file], {timeout: 1e-6, onBroken})) t.fail();
  t.deepEqual(reasons, [`${file}: it took longer than 0.000001 s to read.`]);
  let predicted = 0;
  for await (const _ of predict(network(), [file], {timeout: 30, onBroken})) predicted++;
  t.is(predicted, 1);
});
