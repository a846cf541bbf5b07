import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {multiplyAdds} from '../src/multiplyAdds.js';
import {models} from '../src/registry.js';
import {shapesOnly} from '../src/shapesOnly.js';

test.before(async () => {
  await selectEngine();
});

const noise = (...shape: [number, number, number, number]) =>
  tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', 7);

test.serial('counting multiply-adds needs no values, leaves the engine and the model as they are', t => {
  const backend = tf.getBackend();
  const model = models.resnet20.build();
  const before = tf.memory();
  t.is(multiplyAdds(model, [32, 32, 3]), models.resnet20.multiplyAdds);
  t.is(
    multiplyAdds(model, [64, 64, 3]),
    4 * (models.resnet20.multiplyAdds - 640) + 640,
    'all but the 640 of linear',
  );
  t.is(tf.getBackend(), backend);
  t.is(tf.memory().numTensors, before.numTensors);
  t.true(model.training);
  t.is(model.forward(noise(2, 32, 32, 3)).dataSync().length, 20, 'the model still works');
  t.throws(() => shapesOnly(() => [...tf.zeros([2]).dataSync()]), {message: /no values to read/});
  t.is(tf.getBackend(), backend);
});
