import {BatchNorm2d, FrozenBatchNorm2d, Sgd, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {freezeBatchNorm} from '../src/freezeBatchNorm.js';
import {models} from '../src/registry.js';
import {vgg11Bn} from '../src/vgg.js';

test.before(async () => {
  await selectEngine();
});

const noise = (...shape: [number, number, number, number]) =>
  tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', 7);

const largestDifference = (a: tf.Tensor, b: tf.Tensor) =>
  tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);

for (const [name, build] of [
  ['resnet20', () => models.resnet20.build({numClasses: 3})],
  ['vgg11_bn', () => vgg11Bn({numClasses: 3, hidden: 16})],
] as const) {
  test.serial(
    `${name} with frozen batch norm gives what it gave, and leaves its norms alone in training`,
    t => {
      const model = build();
      const image = noise(2, 32, 32, 3);
      // Statistics that are not those it starts with.
      model.forward(image).dispose();
      const norms = [...model.namedModules()].filter(([, module]) => module instanceof BatchNorm2d).length;
      const names = Object.keys(model.stateDict());
      const parameters = model.numParameters();
      const wanted = model.eval().forward(image);
      t.is(freezeBatchNorm(model), norms);
      t.true(norms > 5);
      t.is(
        [...model.namedModules()].filter(([, module]) => module instanceof FrozenBatchNorm2d).length,
        norms,
      );
      t.deepEqual(Object.keys(model.stateDict()), names);
      t.true(model.numParameters() < parameters);
      t.true(largestDifference(model.forward(image), wanted) < 1e-6);

      model.train();
      const statistics = () => model.namedBuffers().map(([, variable]) => [...variable.dataSync()]);
      const before = statistics();
      const optimizer = new Sgd(model.parameters(), {learningRate: 0.1});
      const {grads} = tf.variableGrads(() => tf.sum(model.forward(image)) as tf.Scalar);
      optimizer.step(grads);
      t.deepEqual(statistics(), before);
      model.dispose();
    },
  );
}
