import {Relu, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {features} from '../src/features.js';
import {models} from '../src/registry.js';

test.before(async () => {
  await selectEngine();
});

const noise = (...shape: [number, number, number, number]) =>
  tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', 7);

const largestDifference = (a: tf.Tensor, b: tf.Tensor) =>
  tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);

test.serial('features are what the layers give, in the order asked for, and nothing else stays', t => {
  const model = models.resnet20.build().eval();
  const image = noise(1, 32, 32, 3);
  const before = tf.memory().numTensors;
  const maps = features(model, image, ['layer3', 'layer1', 'layer3']);
  t.is(tf.memory().numTensors, before + 3);
  t.deepEqual(
    maps.map(({shape}) => shape),
    [
      [1, 8, 8, 64],
      [1, 32, 32, 16],
      [1, 8, 8, 64],
    ],
  );
  // The rest of the network on the last maps gives the logits.
  const rest = tf.tidy(() => {
    const {linear} = model as unknown as {linear: {forward(x: tf.Tensor): tf.Tensor}};
    return linear.forward(tf.mean(maps[0], [1, 2]));
  });
  t.true(largestDifference(rest, model.forward(image)) < 1e-5);
  t.notThrows(() => maps[2].dispose());
  t.false(maps[0].isDisposed, 'each result has its own owner');
});

test.serial('in a scope of the caller, features go with it', t => {
  const model = models.resnet20.build().eval();
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    features(model, noise(1, 32, 32, 3));
  });
  t.is(tf.memory().numTensors, before);
});

test.serial('what lies behind the last layer is not computed', t => {
  const model = models.resnet20.build().eval() as ReturnType<typeof models.resnet20.build>;
  let runs = 0;
  Object.assign(model.layer3, {
    forward() {
      runs++;
      throw new Error('not asked for');
    },
  });
  t.is(features(model, noise(1, 32, 32, 3), ['layer2', 'conv1']).length, 2);
  t.is(runs, 0);
  t.throws(() => features(model, noise(1, 32, 32, 3), ['layer3']), {message: 'not asked for'});
  t.deepEqual(features(model, noise(1, 32, 32, 3), []), []);
});

test.serial('gradients flow through features to the image and to what lies before', t => {
  const model = models.resnet20.build().eval();
  const image = noise(1, 16, 16, 3);
  const {grads} = tf.variableGrads(() => tf.sum(features(model, image, ['layer2'])[0]) as tf.Scalar);
  const reached = model.namedParameters().filter(([, variable]) => grads[variable.name]);
  t.true(reached.length > 10);
  t.deepEqual(
    reached.map(([name]) => name),
    model.namedParameters().flatMap(([name]) => (/^(layer3|linear)/.test(name) ? [] : [name])),
  );
  const dImage = tf.grad(x => tf.sum(features(model, x as tf.Tensor4D, ['layer2'])[0]))(image);
  t.true(tf.norm(dImage).dataSync()[0] > 0);
});

test('layers that there are not, or that do not run, are refused', t => {
  const model = models.resnet20.build().eval();
  t.throws(() => features(model, noise(1, 32, 32, 3), ['layer9']), {
    instanceOf: RangeError,
    message: /ResNetCifar has no layer "layer9"\. It has layer1, layer2, layer3/,
  });
  const withUnused = Object.assign(models.resnet20.build().eval(), {spare: new Relu()});
  t.throws(() => features(withUnused, noise(1, 32, 32, 3), ['spare']), {message: /does not run spare/});
});
