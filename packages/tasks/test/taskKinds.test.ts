import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {registerOps} from '../../core/test/support.js';
import {disposeBatch} from '../src/task.js';
import {allKinds, taskKinds} from '../src/taskKinds.js';
import {foveal} from './support/foveal.js';

test.before(registerOps);

test('commands of kinds of task are told apart', t => {
  t.is(new Set(allKinds.map(({command}) => command)).size, allKinds.length);
  t.is(taskKinds.classification.command, 'classify');
});

test('an option that two kinds share means the same to both', t => {
  const seen = new Map<string, string>();
  for (const {options} of allKinds) {
    for (const {flags, about} of options) {
      t.is(seen.get(flags) ?? about, about, flags);
      seen.set(flags, about);
    }
  }
});

test.serial('a task that is none is named with the nearest one', async t => {
  const {code, stderr} = await foveal('train', 'classfy', '--model', 'lenet5', '--data', '.', '--out', 'x');
  t.is(code, 2);
  t.regex(stderr, /no task "classfy"\. Did you mean "classify"\?/);
});

test('a batch is freed with its targets', t => {
  const before = tf.memory().numTensors;
  const boxes = () => ({boxes: tf.zeros([2, 4]), labels: tf.zeros([2])});
  disposeBatch({images: tf.zeros([1, 2, 2, 3]), files: ['a'], targets: [boxes(), boxes()]} as never);
  t.is(tf.memory().numTensors, before);
});
