import {Random, Sgd, selectEngine, softmaxCrossEntropy, variableGrads} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import test from 'ava';
import {features} from '../src/features.js';
import {freezeStages} from '../src/freezeStages.js';
import {LayersModelBackbone} from '../src/layersModel.js';

test.before(async () => {
  await selectEngine();
});

/** Two stages, a residual sum, and a softmax; the weights of batch norm are moved from where they start. */
function smallModel(): tfl.LayersModel {
  const image = tfl.input({shape: [16, 16, 3]});
  const seeded = (seed: number) => tfl.initializers.glorotUniform({seed});
  const conv = (name: string, filters: number, strides: number, seed: number) =>
    tfl.layers.conv2d({
      name,
      filters,
      kernelSize: 3,
      strides,
      padding: 'same',
      kernelInitializer: seeded(seed),
    });
  const one = conv('one', 4, 1, 1).apply(image) as tfl.SymbolicTensor;
  const norm = tfl.layers
    .batchNormalization({name: 'norm', gammaInitializer: seeded(9) as never})
    .apply(one) as tfl.SymbolicTensor;
  const relu = tfl.layers.activation({name: 'relu', activation: 'relu'}).apply(norm) as tfl.SymbolicTensor;
  const sum = tfl.layers.add({name: 'sum'}).apply([one, relu]) as tfl.SymbolicTensor;
  const two = conv('two', 6, 2, 2).apply(sum) as tfl.SymbolicTensor;
  const pooled = tfl.layers.globalAveragePooling2d({name: 'pool'}).apply(two) as tfl.SymbolicTensor;
  const dropped = tfl.layers.dropout({name: 'drop', rate: 0.5}).apply(pooled) as tfl.SymbolicTensor;
  const scores = tfl.layers
    .dense({name: 'scores', units: 5, activation: 'softmax', kernelInitializer: seeded(3)})
    .apply(dropped) as tfl.SymbolicTensor;
  return tfl.model({inputs: image, outputs: scores});
}

const images = (count = 2, seed = 1) => {
  const random = new Random(seed);
  return tf.tensor4d(
    Float32Array.from({length: count * 16 * 16 * 3}, () => random.next() * 2 - 1),
    [count, 16, 16, 3],
  );
};

const close = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

test.serial('its logits, through a softmax, are what the model predicts', t => {
  const model = smallModel();
  const backbone = new LayersModelBackbone(model).eval();
  const x = images();
  const logits = backbone.forward(x);
  t.deepEqual(logits.shape, [2, 5]);
  t.true(close(tf.softmax(logits), model.predict(x) as tf.Tensor) < 1e-6);
  t.true(Math.abs((tf.sum(logits).dataSync() as Float32Array)[0] - 2) > 1e-3, 'these are probabilities');
  // The model is as it was: its own softmax is back.
  t.true(close(tf.sum(model.predict(x) as tf.Tensor, 1), tf.ones([2])) < 1e-6);
});

test.serial('a softmax that is a layer of its own is left out, too', t => {
  for (const last of [tfl.layers.softmax(), tfl.layers.activation({activation: 'softmax'})]) {
    const dense = tfl.layers.dense({units: 3, inputShape: [12]});
    const flat = tfl.layers.flatten({inputShape: [2, 2, 3]});
    const model = tfl.sequential({layers: [flat, dense, last]});
    const backbone = new LayersModelBackbone(model).eval();
    const x = tf.ones<tf.Rank.R4>([1, 2, 2, 3]);
    const logits = backbone.forward(x);
    t.true(close(tf.softmax(logits), model.predict(x) as tf.Tensor) < 1e-6);
    t.true(close(tf.sum(logits), tf.scalar(1)) > 1e-3);
  }
});

test.serial('its parameters are the weights by layer and name, its buffers the statistics', t => {
  const backbone = new LayersModelBackbone(smallModel());
  const names = backbone.namedParameters().map(([name]) => name);
  t.deepEqual(names, [
    'one.kernel',
    'one.bias',
    'norm.gamma',
    'norm.beta',
    'two.kernel',
    'two.bias',
    'scores.kernel',
    'scores.bias',
  ]);
  t.deepEqual(
    backbone.namedBuffers().map(([name]) => name),
    ['norm.moving_mean', 'norm.moving_variance'],
  );
});

test.serial('feature maps are found by size, or taken by name, and features gives them', t => {
  const model = smallModel();
  const backbone = new LayersModelBackbone(model).eval();
  t.deepEqual(backbone.featureMaps, [
    {layer: 'sum', channels: 4, stride: 1},
    {layer: 'two', channels: 6, stride: 2},
  ]);
  const x = images();
  const tensors = tf.memory().numTensors;
  const [relu, two] = features(backbone, x, ['relu', 'two']);
  t.is(tf.memory().numTensors, tensors + 2);
  const inner = tfl.model({
    inputs: model.inputs,
    outputs: ['relu', 'two'].map(name => model.getLayer(name).output as tfl.SymbolicTensor),
  });
  const [reluThere, twoThere] = inner.predict(x) as tf.Tensor[];
  t.true(close(relu, reluThere) < 1e-6);
  t.true(close(two, twoThere) < 1e-6);
  const named = new LayersModelBackbone(model, {featureMaps: ['relu']});
  t.deepEqual(named.featureMaps, [{layer: 'relu', channels: 4, stride: 1}]);
  t.throws(() => new LayersModelBackbone(model, {featureMaps: ['rely']}), {
    message: /no layer "rely" that yields maps of known size; it has one, norm, relu, sum, two\./,
  });
});

test.serial('gradient reaches every weight, and steps make the loss fall', t => {
  const model = smallModel();
  const backbone = new LayersModelBackbone(model);
  const [x, labels] = [images(8), tf.tensor1d([0, 1, 2, 3, 4, 0, 1, 2], 'int32')];
  const optimizer = new Sgd(backbone.parameters(), {learningRate: 0.1});
  const losses: number[] = [];
  let before = 0;
  for (let step = 0; step < 80; step++) {
    backbone.reseed(step);
    const {value, grads} = variableGrads(
      () => softmaxCrossEntropy(backbone.forward(x), labels) as tf.Scalar,
      backbone.parameters(),
    );
    if (step === 0) {
      t.is(Object.keys(grads).length, 8);
      for (const grad of Object.values(grads)) t.true(tf.any(tf.notEqual(grad, 0)).dataSync()[0] === 1);
    }
    optimizer.step(grads);
    losses.push(value.dataSync()[0]);
    tf.dispose([value, grads]);
    if (step === 0) before = tf.memory().numTensors;
  }
  t.is(tf.memory().numTensors, before, 'the steps leave tensors behind');
  t.true(losses[79] < losses[0] / 1.5, losses.join(' '));
  const moved = model.getLayer('norm').getWeights()[2];
  t.true(close(moved, tf.zeros(moved.shape)) > 1e-4, 'the running mean stands still');
});

for (const training of [false, true]) {
  test.serial(`the gradient is that of the finite difference, training: ${training}`, t => {
    const backbone = new LayersModelBackbone(smallModel()).train(training);
    const x = images(3);
    const weights = tf.tensor2d([[1, -2, 3, 0.5, -1]]);
    const loss = () => tf.sum(tf.mul(backbone.reseed(1).forward(x), weights)) as tf.Scalar;
    for (const name of ['one.kernel', 'two.kernel']) {
      const weight = new Map(backbone.namedParameters()).get(name)!;
      const slope = Object.values(variableGrads(loss, [weight]).grads)[0].dataSync()[7];
      const values = weight.dataSync().slice();
      const at = (change: number) => {
        const moved = values.slice();
        moved[7] += change;
        weight.assign(tf.tensor(moved, [...weight.shape]));
        return loss().dataSync()[0];
      };
      const difference = (at(0.005) - at(-0.005)) / 0.01;
      t.true(
        Math.abs(slope - difference) < 1e-2 * Math.max(1, Math.abs(slope)),
        `${name}: ${slope} ${difference}`,
      );
    }
  });
}

test.serial('dropout follows the seed, and freezing keeps weights and statistics', t => {
  const backbone = new LayersModelBackbone(smallModel());
  const x = images();
  const drawn = [1, 1, 2].map(seed => backbone.reseed(seed).forward(x));
  t.is(close(drawn[0], drawn[1]), 0);
  t.true(close(drawn[0], drawn[2]) > 1e-4);

  freezeStages(backbone, 1);
  const statistics = new Map(backbone.namedBuffers()).get('norm.moving_mean')!;
  const before = statistics.dataSync().slice();
  const {grads, value} = variableGrads(() => tf.sum(backbone.forward(x)) as tf.Scalar, backbone.parameters());
  t.is(Object.keys(grads).length, 4);
  t.deepEqual(statistics.dataSync(), before);
  tf.dispose([grads, value]);
});

test.serial('layers of a model within the model are parts as well', t => {
  const inner = tfl.sequential({
    name: 'inner',
    layers: [tfl.layers.conv2d({name: 'deep', filters: 2, kernelSize: 3, inputShape: [8, 8, 3]})],
  });
  const outer = tfl.sequential({
    layers: [inner, tfl.layers.flatten(), tfl.layers.dense({name: 'top', units: 2})],
  });
  const backbone = new LayersModelBackbone(outer).eval();
  t.deepEqual(
    backbone.namedParameters().map(([name]) => name),
    ['deep.kernel', 'deep.bias', 'top.kernel', 'top.bias'],
  );
  const x = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 3);
  t.true(close(backbone.forward(x), outer.predict(x) as tf.Tensor) < 1e-6);
  const [deep] = features(backbone, x, ['deep']);
  t.deepEqual(deep.shape, [2, 6, 6, 2]);
});

test('a model with two inputs is refused', t => {
  const [a, b] = [tfl.input({shape: [4, 4, 3]}), tfl.input({shape: [4, 4, 3]})];
  const model = tfl.model({
    inputs: [a, b],
    outputs: tfl.layers.add().apply([a, b]) as tfl.SymbolicTensor,
  });
  t.throws(() => new LayersModelBackbone(model), {
    message: /one input \[N, H, W, C\] and one output, got inputs \[any, 4, 4, 3\] and \[any, 4, 4, 3\]/,
  });
});
