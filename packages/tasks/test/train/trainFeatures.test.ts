// Steps in place of epochs, accumulation, averages, early stopping: what `train` does beyond the plain loop.
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import {readSafetensors} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type Classifier, classifier} from '../../src/classification/classifier.js';
import {evaluate} from '../../src/evaluate.js';
import {loadCheckpoint} from '../../src/train/checkpoint.js';
import {readLog} from '../../src/train/log.js';
import {train} from '../../src/train/train.js';
import type {TrainOptions} from '../../src/train/trainOptions.js';
import {patterns} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.before(async () => {
  await selectEngine();
});

const dataset = patterns(44);
const {categories} = dataset;
const network = (seed = 0) => classifier('lenet5', {categories, options: {activation: 'relu'}, seed});
const quick: TrainOptions = {onProgress: () => {}, batchSize: 16, optimizer: 'adam', learningRate: 2e-3};

const weightsOf = (task: Classifier) =>
  Object.values(task.model.stateDict()).flatMap(tensor => [...tensor.dataSync()]);
const difference = (a: number[], b: number[]) =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), a.length - b.length);
const curveOf = (out: string) =>
  readLog(join(out, 'log.jsonl')).flatMap(record =>
    record.type === 'step' || record.type === 'epoch' ? [[record.type, record.step, record.loss]] : [],
  );

/** Trains until a step, as if somebody had pressed Ctrl+C, and goes on with another model. */
async function interrupted(last: number, options: TrainOptions): Promise<Classifier> {
  const stop = new AbortController();
  const onProgress: TrainOptions['onProgress'] = ({step}) => step === last && stop.abort();
  const first = await train(network(), dataset, {...options, signal: stop.signal, onProgress});
  if (!first.interrupted || first.steps !== last) throw new Error(`stopped at step ${first.steps}`);
  const task = network(99);
  await train(task, dataset, {...options, resume: true});
  return task;
}

// 44 images: two batches of 8 make a step of 16, and the last step of an epoch is of 8 and 4.
test.serial('accumulated batches train as one batch of their size does', async t => {
  const trained = async (options: TrainOptions) => {
    const task = network();
    const {steps, epochs} = await train(task, dataset, {
      ...quick,
      epochs: 2,
      optimizer: 'sgd',
      learningRate: 0.02,
      ...options,
    });
    return {steps, losses: epochs.map(({loss}) => loss), weights: weightsOf(task)};
  };
  const large = await trained({batchSize: 16});
  const small = await trained({batchSize: 8, accumulate: 2});
  t.is(small.steps, large.steps);
  t.true(difference(small.losses, large.losses) < 1e-5);
  t.true(difference(small.weights, large.weights) < 1e-5);
  const other = await trained({batchSize: 8});
  t.true(difference(other.weights, large.weights) > 1e-3);
});

test.serial('a training by steps ends within an epoch, and goes on there when it is given more', async t => {
  const folder = temporaryFolder(t);
  const options: TrainOptions = {...quick, schedule: 'constant', logSteps: 1, validation: patterns(6)};
  const whole = network();
  await train(whole, dataset, {...options, steps: 8, out: join(folder, 'whole')});

  const out = join(folder, 'parts');
  const first = await train(network(), dataset, {...options, steps: 5, out});
  t.is(first.steps, 5);
  t.false(first.interrupted);
  t.deepEqual(
    first.epochs.map(({step, epoch}) => [step, epoch]),
    [
      [3, 1],
      [5, 5 / 3],
    ],
  );
  const task = network(99);
  const second = await train(task, dataset, {...options, steps: 8, out, resume: true});
  t.deepEqual(
    second.epochs.map(({step}) => step),
    [3, 5, 6, 8],
  );
  t.is(difference(weightsOf(task), weightsOf(whole)), 0);
});

test.serial('the averages are judged, saved and left in the model, and resumed', async t => {
  const folder = temporaryFolder(t);
  const validation = patterns(9, {seed: 2});
  const options: TrainOptions = {...quick, epochs: 3, ema: 0.9, accumulate: 2, batchSize: 8, validation};
  const whole = network();
  const out = join(folder, 'whole');
  const {epochs} = await train(whole, dataset, {...options, out});

  const {task: last, metrics} = await loadCheckpoint(join(out, 'last.safetensors'), 'classification');
  t.is(difference(weightsOf(last), weightsOf(whole)), 0);
  const judged = (await evaluate(whole, validation)).loss;
  t.is(judged, (metrics['validation'] as {loss: number}).loss);
  t.is(judged, (epochs[2].validation as {loss: number}).loss);
  // The weights themselves go on in the state, and are not the averages.
  const {tensors} = await readSafetensors(join(out, 'state.safetensors'));
  const [name] = Object.keys(whole.model.stateDict());
  t.deepEqual(
    tensors.get(`ema.${name}`)?.data,
    (await readSafetensors(join(out, 'last.safetensors'))).tensors.get(name)?.data,
  );
  t.notDeepEqual(tensors.get(`model.${name}`)?.data, tensors.get(`ema.${name}`)?.data);

  const resumed = await interrupted(4, {...options, out: join(folder, 'parts')});
  t.is(difference(weightsOf(resumed), weightsOf(whole)), 0);
  await t.throwsAsync(train(network(), dataset, {...options, ema: 0.5, out, resume: true}), {
    message: /ema: 0\.9 then, 0\.5 now/,
  });
});

test.serial('training stops when nothing got better for so many epochs, and stays so', async t => {
  const out = temporaryFolder(t);
  const scores = [0.1, 0.3, 0.2, 0.3, 0.9];
  let judged = 0;
  const task = {...network(), score: () => scores[judged++]};
  const options: TrainOptions = {...quick, epochs: 5, patience: 2, validation: patterns(3), out};
  const result = await train(task, dataset, options);
  t.is(result.epochs.length, 4);
  t.is(result.best?.epoch, 2);
  t.true(result.early);
  t.false(result.interrupted);
  const end = readLog(join(out, 'log.jsonl')).at(-1);
  t.is(end?.type === 'end' && end.early, true);

  t.is((await train(task, dataset, {...options, resume: true})).steps, result.steps);
  const more = await train(task, dataset, {...options, resume: true, patience: 3});
  t.is(more.best?.epoch, 5);
});

test.serial('a run that is resumed between two lines of the log has the same lines', async t => {
  const folder = temporaryFolder(t);
  const options: TrainOptions = {...quick, epochs: 3, logSteps: 2};
  await train(network(), dataset, {...options, out: join(folder, 'whole')});
  await interrupted(5, {...options, out: join(folder, 'parts')});
  t.deepEqual(curveOf(join(folder, 'parts')), curveOf(join(folder, 'whole')));
});

test.serial('none of it leaves tensors behind', async t => {
  const task = network();
  const all: TrainOptions = {...quick, batchSize: 8, accumulate: 2, clipNorm: 1, clipValue: 0.1, ema: 0.9};
  await train(task, dataset, {...all, steps: 2});
  const before = tf.memory().numTensors;
  await train(task, dataset, {...all, steps: 4, validation: patterns(6), patience: 1});
  await train(task, dataset, {...all, signal: AbortSignal.abort()});
  await t.throwsAsync(
    train(task, dataset, {...all, optimizer: 'sgd', clipNorm: 1e30, clipValue: 1e30, learningRate: 1e30}),
  );
  t.is(tf.memory().numTensors, before);
});

test.serial('epochs and steps exclude each other', async t => {
  const wrong = {...quick, epochs: 1, steps: 1, clipnorm: 1, ema: 1};
  const {message} = (await t.throwsAsync(train(network(), dataset, wrong))) as Error;
  for (const part of [/steps: takes the place of epochs/, /did you mean clipNorm/, /ema: .*<1, got 1/])
    t.regex(message, part);
});
