import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {fallbacks} from '../../src/engine/fallbacks.js';
import {selectEngine} from '../../src/engine/selectEngine.js';
import {batchNormTrain} from '../../src/ops/batchNormTrain.js';
import {conv2d} from '../../src/ops/conv2d.js';
import {closeTo, noise} from '../support.js';

test.serial('training a convolution on wasm falls back on nothing', async t => {
  await selectEngine('wasm');
  const before = fallbacks();
  const x = noise<tf.Rank.R4>([2, 6, 6, 3]);
  const loss = (filter: tf.Tensor) => {
    const maps = conv2d(x, filter as tf.Tensor4D, null, {padding: 1});
    const {y} = batchNormTrain(maps, tf.ones([4]), tf.zeros([4]), {relu: true});
    return tf.sum(tf.square(tf.maxPool(y, 2, 2, 'valid')));
  };
  tf.grad(loss)(noise([3, 3, 3, 4])).dispose();
  t.deepEqual(fallbacks(), before);
});

test.serial('a kernel that wasm lacks is computed all the same, and counted', async t => {
  await selectEngine('wasm');
  const [a, b] = [noise<tf.Rank.R2>([3, 4], 1), noise<tf.Rank.R2>([4, 2], 2)];
  const before = fallbacks()['Einsum'] ?? 0;
  closeTo(t, tf.einsum('ij,jk->ik', a, b), tf.matMul(a, b));
  t.is(fallbacks()['Einsum'], before + 1);
});
