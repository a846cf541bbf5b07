import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {features} from '../src/features.js';
import {FeaturePyramid} from '../src/fpn.js';
import {PyramidBackbone} from '../src/pyramidBackbone.js';
import {resNet18} from '../src/resNet.js';
import {squeezeNet1_1} from '../src/squeezeNet.js';
import {vgg11} from '../src/vgg.js';
import {withoutHead} from '../src/withoutHead.js';

test.before(async () => {
  await selectEngine();
});

/** Sets every filter to pick channel 0 at its centre, and every bias to 0. */
function picking(pyramid: FeaturePyramid): void {
  for (const [, variable] of pyramid.namedParameters()) {
    const values = new Float32Array(variable.size);
    if (variable.rank === 4) {
      const [height, width, inputs, outputs] = variable.shape;
      const centre = ((height - 1) / 2) * width + (width - 1) / 2;
      for (let k = 0; k < outputs; k++) values[centre * inputs * outputs + k] = 1;
    }
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
}

test('each level is its own map and the coarser ones, enlarged', t => {
  const pyramid = new FeaturePyramid([1, 2], {channels: 1});
  picking(pyramid);
  const fine = tf.reshape(tf.range(0, 12), [1, 3, 4, 1]) as tf.Tensor4D;
  const coarse = tf.tensor4d([100, 7, 200, 7, 300, 7, 400, 7], [1, 2, 2, 2]);
  const before = tf.memory().numTensors;
  const [first, second] = pyramid.forward([fine, coarse]);
  t.is(tf.memory().numTensors, before + 2);
  t.deepEqual([...second.dataSync()], [100, 200, 300, 400]);
  // Three rows from two: rows 0 and 1 lie in the first, as PyTorch's nearest takes them.
  t.deepEqual([...first.dataSync()], [100, 101, 202, 203, 104, 105, 206, 207, 308, 309, 410, 411]);
  t.throws(() => pyramid.forward([fine]), {message: /expected 2 maps, got 1/});
});

test('the gradient reaches every map', t => {
  const pyramid = new FeaturePyramid([1, 2], {channels: 1});
  picking(pyramid);
  const [fine, coarse] = [tf.zeros<tf.Rank.R4>([1, 4, 4, 1]), tf.zeros<tf.Rank.R4>([1, 2, 2, 2])];
  const [dFine, dCoarse] = tf.grads((a, b) =>
    tf.sum(pyramid.forward([a as tf.Tensor4D, b as tf.Tensor4D])[0]),
  )([fine, coarse]);
  t.deepEqual([...dFine.dataSync()], new Array(16).fill(1));
  t.deepEqual([...dCoarse.dataSync()], [4, 0, 4, 0, 4, 0, 4, 0]);
});

test.serial('a pyramid on a backbone has maps of every stride and one more, without the classifier', t => {
  for (const [body, strides] of [
    [resNet18({numClasses: 10}), [4, 8, 16, 32, 64]],
    [squeezeNet1_1({numClasses: 10}), [4, 8, 16, 32]],
    [vgg11({numClasses: 10, hidden: 8}), [4, 8, 16, 32]],
  ] as const) {
    const backbone = new PyramidBackbone(body, {channels: 4});
    t.deepEqual(
      backbone.featureMaps.map(({stride}) => stride),
      strides,
    );
    const image = tf.zeros<tf.Rank.R4>([1, 64, 64, 3]);
    const maps = backbone.forward(image);
    t.true(maps.every(({shape}) => shape[3] === 4));
    t.is(maps.length, strides.length);
    t.false(Object.keys(backbone.stateDict()).some(name => /classifier|fc\./.test(name)));
    tf.dispose([image, maps]);
    backbone.dispose();
  }
});

test.serial('a backbone without its head still gives features, and says why it gives no logits', t => {
  const before = tf.memory().numTensors;
  const model = withoutHead(resNet18({numClasses: 10}), 'layer2');
  const names = model.namedParameters().map(([name]) => name);
  t.true(names.includes('layer2.1.conv2.weight') && !names.some(name => /^(layer3|fc)/.test(name)));
  const image = tf.zeros<tf.Rank.R4>([1, 32, 32, 3]);
  model.eval();
  const [map] = features(model, image, ['layer2']);
  t.deepEqual(map.shape, [1, 4, 4, 128]);
  t.throws(() => model.forward(image), {message: /layer3 was taken away/});
  t.throws(() => withoutHead(model, 'layer9'), {message: /no layer "layer9"/});
  tf.dispose([image, map]);
  model.dispose();
  t.is(tf.memory().numTensors, before);
});
