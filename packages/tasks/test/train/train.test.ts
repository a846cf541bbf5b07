import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import {compose, randomCrop, randomFlip} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {classifier} from '../../src/classification/classifier.js';
import {evaluate} from '../../src/evaluate.js';
import {loadCheckpoint, saveCheckpoint} from '../../src/train/checkpoint.js';
import {DivergedError} from '../../src/train/divergedError.js';
import {type LogRecord, readLog} from '../../src/train/log.js';
import {train} from '../../src/train/train.js';
import type {TrainOptions} from '../../src/train/trainOptions.js';
import {patterns} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.before(async () => {
  await selectEngine();
});

const quiet = {onProgress: () => {}};
const dataset = patterns(48);
const {categories} = dataset;
const network = (seed = 0) => classifier('lenet5', {categories, options: {activation: 'relu'}, seed});
const quick: TrainOptions = {
  ...quiet,
  epochs: 2,
  batchSize: 16,
  optimizer: 'adam',
  learningRate: 2e-3,
  weightDecay: 0,
};

/** All weights as one list of numbers. */
const weightsOf = (task: ReturnType<typeof network>) =>
  Object.values(task.model.stateDict()).flatMap(tensor => [...tensor.dataSync()]);

/** The largest difference between two lists of weights: a diff of 60,000 numbers would take ava minutes. */
const difference = (a: number[], b: number[]) =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), a.length - b.length);

test.serial('a small network learns a small dataset by heart, and the checkpoint says the same', async t => {
  const out = join(temporaryFolder(t), 'run');
  const task = network();
  const result = await train(task, dataset, {...quick, epochs: 8, out, validation: patterns(24, {seed: 2})});

  const metrics = await evaluate(task, dataset);
  t.is(metrics.top1, 1);
  t.is(metrics.images, 48);
  t.deepEqual(
    metrics.perClass.map(({category, images, correct}) => [category, images, correct]),
    categories.map(category => [category, 16, 16]),
  );
  t.is(result.steps, 24);
  t.true(result.epochs[7].loss < result.epochs[0].loss / 5);

  const {task: loaded, metrics: saved} = await loadCheckpoint(
    join(out, 'last.safetensors'),
    'classification',
  );
  t.is(difference(weightsOf(loaded), weightsOf(task)), 0);
  t.deepEqual(loaded.description, task.description);
  t.is(saved['epoch'], 8);
  t.deepEqual(await evaluate(loaded, dataset), metrics);
  t.true(existsSync(join(out, 'best.safetensors')));
  t.is(readFileSync(join(out, 'curve.png')).toString('latin1', 1, 4), 'PNG');
});

test.serial('the log has a line for the start, for steps, for each epoch and for the end', async t => {
  const out = temporaryFolder(t);
  await train(network(), dataset, {...quick, out, validation: patterns(6), logSteps: 2});
  const records = readLog(join(out, 'log.jsonl'));
  t.deepEqual(
    records.map(record => `${record.type} ${record.step}`),
    ['start 0', 'step 2', 'epoch 3', 'step 4', 'step 6', 'epoch 6', 'end 6'],
  );
  const [, step, epoch] = records as [LogRecord, ...Record<string, number>[]];
  for (const key of ['loss', 'learningRate', 'imagesPerSecond', 'epoch']) t.true(step[key] > 0, key);
  t.is(typeof (epoch['validation'] as unknown as {top1: number}).top1, 'number');
});

test.serial('the same seed gives the same weights to the last bit, another seed others', async t => {
  const run = async (seed: number) => {
    const task = network();
    await train(task, dataset, {...quick, epochs: 1, seed, augment: compose(randomCrop(), randomFlip())});
    return weightsOf(task);
  };
  const first = await run(1);
  t.is(difference(await run(1), first), 0);
  t.true(difference(await run(2), first) > 1e-4);
});

test.serial('a run that is stopped in the middle of an epoch and resumed equals one that is not', async t => {
  const folder = temporaryFolder(t);
  const options: TrainOptions = {
    ...quick,
    epochs: 3,
    augment: compose(randomCrop(), randomFlip()),
    seed: 5,
    logSteps: 1,
  };
  const whole = network();
  const expected = await train(whole, dataset, {...options, out: join(folder, 'whole')});

  const out = join(folder, 'parts');
  const stop = new AbortController();
  const first = await train(network(), dataset, {
    ...options,
    out,
    signal: stop.signal,
    onProgress: ({step}) => step === 5 && stop.abort(),
  });
  t.true(first.interrupted);
  t.is(first.steps, 5);

  const task = network(99);
  const second = await train(task, dataset, {...options, out, resume: true});
  t.false(second.interrupted);
  t.is(difference(weightsOf(task), weightsOf(whole)), 0);
  t.deepEqual(
    second.epochs.map(({step, loss}) => [step, loss]),
    expected.epochs.map(({step, loss}) => [step, loss]),
  );
  const steps = readLog(join(out, 'log.jsonl')).flatMap(record =>
    record.type === 'step' ? [record.step] : [],
  );
  t.deepEqual(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test.serial('a run is not resumed with other settings, nor replaced unasked', async t => {
  const out = temporaryFolder(t);
  await train(network(), dataset, {...quick, epochs: 1, out});
  await t.throwsAsync(train(network(), dataset, {...quick, out, resume: true, batchSize: 8}), {
    message: /belongs to another run:\n {2}batchSize: 16 then, 8 now/,
  });
  await t.throwsAsync(train(network(), dataset, {...quick, out}), {
    message: /already holds a run.*--overwrite/s,
  });
  await t.notThrowsAsync(train(network(), dataset, {...quick, epochs: 1, out, overwrite: true}));
});

test.serial(
  'a loss that is no number stops the run, names the images and keeps the good checkpoint',
  async t => {
    const out = temporaryFolder(t);
    const task = network();
    const good = weightsOf(task);
    await saveCheckpoint(task, join(out, 'last.safetensors'));
    // resume: the folder holds a checkpoint, but nothing to resume from.
    const error = await t.throwsAsync(
      train(task, dataset, {...quick, out, resume: true, optimizer: 'sgd', learningRate: 1e30}),
      {instanceOf: DivergedError},
    );
    t.regex(
      error?.message ?? '',
      /the loss is .* at step \d.*last good checkpoint is .*last\.safetensors.*pattern-\d+\.png/s,
    );
    t.is(error?.files.length, 16);
    const {task: kept} = await loadCheckpoint(join(out, 'last.safetensors'), 'classification');
    t.is(difference(weightsOf(kept), good), 0);
    const end = readLog(join(out, 'log.jsonl')).at(-1);
    t.is(end?.type, 'diverged');
  },
);

test.serial('training, evaluating and stopping leave no tensors behind', async t => {
  const task = network();
  await train(task, dataset, {...quick, epochs: 1});
  const before = tf.memory().numTensors;
  await train(task, dataset, {...quick, epochs: 2, validation: patterns(6)});
  await train(task, dataset, {...quick, signal: AbortSignal.abort()});
  await t.throwsAsync(train(task, dataset, {...quick, optimizer: 'sgd', learningRate: 1e30}));
  t.is(tf.memory().numTensors, before);
});

test.serial('an empty dataset and other categories are refused before anything is written', async t => {
  const out = join(temporaryFolder(t), 'run');
  await t.throwsAsync(train(network(), {...dataset, length: 0}, {...quick, out}), {message: /no images/});
  await t.throwsAsync(train(network(), {...dataset, categories: ['cat', 'dog']}, {...quick, out}), {
    message: /3 categories \(checks, columns, rows\).*2 categories \(cat, dog\)/,
  });
  t.false(existsSync(out));
});

test.serial('files that are no checkpoints are told apart', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'x.safetensors');
  await t.throwsAsync(loadCheckpoint(path), {message: /x\.safetensors/});
  writeFileSync(path, '');
  await t.throwsAsync(loadCheckpoint(path), {message: /x\.safetensors/});

  const {writeSafetensors} = await import('@foveal/models');
  await writeSafetensors(path, new Map(), {});
  await t.throwsAsync(loadCheckpoint(path), {message: /no checkpoint of foveal.*--weights FILE/});
  const own = {task: 'classification', categories: '["a"]', preprocess: '{}', options: '{}', metrics: '{}'};
  await writeSafetensors(path, new Map(), {...own, model: 'lenet6'});
  await t.throwsAsync(loadCheckpoint(path), {message: /"lenet6".*nearest name is "lenet5"/});
  await writeSafetensors(path, new Map(), {...own, model: 'lenet5'});
  await t.throwsAsync(loadCheckpoint(path), {message: /"preprocess" is damaged/});

  // The weights of one architecture under the name of another.
  await saveCheckpoint(network(), path);
  const lies = {...network(), description: {...network().description, model: 'resnet20'}};
  await saveCheckpoint(lies, path);
  await t.throwsAsync(loadCheckpoint(path), {message: /x\.safetensors.*do not fit/s});
});

test.serial('what a killed writer left is swept away', async t => {
  const out = temporaryFolder(t);
  mkdirSync(out, {recursive: true});
  const cut = join(out, 'last.safetensors.1-abcd.tmp');
  writeFileSync(cut, 'half');
  await train(network(), dataset, {...quick, epochs: 1, out});
  t.false(existsSync(cut));
});
