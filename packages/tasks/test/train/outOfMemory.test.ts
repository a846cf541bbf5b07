import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type Classifier, classifier, type LabelledBatch} from '../../src/classification/classifier.js';
import {readLog} from '../../src/train/log.js';
import {isOutOfMemory, OutOfMemoryError} from '../../src/train/outOfMemoryError.js';
import {train} from '../../src/train/train.js';
import {patterns} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.before(async () => {
  await selectEngine();
});

const dataset = patterns(22);
const {categories} = dataset;
// At larger rates a rounding that turns one ReLU over is seen after a few steps.
const options = {epochs: 2, batchSize: 11, learningRate: 0.002, logSteps: 1, onProgress: () => {}};

/** A classifier on an engine that has memory for so many images, and notes how many it was given. */
function limited(
  most: number,
  fails = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.",
) {
  const task = classifier('lenet5', {categories, options: {activation: 'relu'}, seed: 1});
  const given: number[] = [];
  const losses = (batch: LabelledBatch) => {
    const [images] = batch.images.shape;
    given.push(images);
    const result = task.losses(batch);
    if (images > most) throw new Error(`${fails}\nframe #0`);
    return result;
  };
  return {task: {...task, losses} as Classifier, given};
}

const weightsOf = ({model}: Classifier) =>
  Object.values(model.stateDict()).flatMap(tensor => [...tensor.dataSync()]);

test.serial('a batch that does not fit is learnt from in parts, and the steps stay the same', async t => {
  const out = join(temporaryFolder(t), 'run');
  const whole = limited(100);
  const {epochs: expected} = await train(whole.task, dataset, options);
  const small = limited(4);
  const tensors = tf.memory().numTensors;
  const {epochs} = await train(small.task, dataset, {...options, out});
  t.is(tf.memory().numTensors, tensors);
  // 11 fails, 6 fails, then parts of 3; all later batches are cut at once.
  t.deepEqual(small.given.slice(0, 7), [11, 6, 3, 3, 3, 2, 3]);
  t.true(small.given.slice(7).every(images => images <= 3));
  const wanted = weightsOf(whole.task);
  const differences = weightsOf(small.task).map((value, i) => Math.abs(value - wanted[i]));
  const largest = differences.reduce((a, b) => Math.max(a, b));
  t.true(largest < 1e-6, String(largest));
  for (const [i, {loss}] of epochs.entries()) t.true(Math.abs(loss - expected[i].loss) < 1e-5);
  t.deepEqual(
    readLog(join(out, 'log.jsonl')).flatMap(one => (one.type === 'smaller' ? [one.images] : [])),
    [6, 3],
  );
});

test.serial('memory for no image at all is an error that tells batch and memory', async t => {
  const {task} = limited(0, 'CUDA out of memory. Tried to allocate 2.00 GiB');
  const tensors = tf.memory().numTensors;
  const error = await t.throwsAsync(train(task, dataset, options), {instanceOf: OutOfMemoryError});
  t.is(tf.memory().numTensors, tensors);
  t.is((error as OutOfMemoryError).batch, 1);
  t.true((error as OutOfMemoryError).memory > 0);
  t.regex(
    error?.message ?? '',
    /no memory for a single image of \[28,28,1\] .*hold 0\.\d\d GiB.*CUDA out of memory\. Tried to allocate 2\.00 GiB\. Use smaller/,
  );
});

test.serial('another error is not taken for it', async t => {
  const {task, given} = limited(4, 'the labels are wrong');
  await t.throwsAsync(train(task, dataset, options), {message: /the labels are wrong/});
  t.deepEqual(given, [11]);
  t.true(isOutOfMemory(new RangeError('Array buffer allocation failed')));
  t.true(isOutOfMemory(new Error('std::bad_alloc')));
  t.false(isOutOfMemory(new Error('expected an array of length 3')));
});

test.serial('the log has the norm of the gradients, before they are clipped', async t => {
  const norms = async (more: object) => {
    const out = join(temporaryFolder(t), 'run');
    await train(limited(100).task, dataset, {...options, ...more, out});
    return readLog(join(out, 'log.jsonl')).flatMap(one =>
      one.type === 'step' ? [one.gradientNorm ?? Number.NaN] : [],
    );
  };
  const plain = await norms({});
  t.is(plain.length, 4);
  t.true(plain.every(norm => norm > 0));
  t.is((await norms({clipNorm: 1e-3}))[0], plain[0]);
  t.true((await norms({logSteps: 2})).length === 2);
});
