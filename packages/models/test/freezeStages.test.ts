import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {features} from '../src/features.js';
import {freezeStages} from '../src/freezeStages.js';
import {type ModelName, type ModelRecord, models} from '../src/registry.js';
import {shapesOnly} from '../src/shapesOnly.js';
import {blank} from './blank.js';

test.before(async () => {
  await selectEngine();
});

/** Every family; a model stands for all that differ in a number. */
const families: ModelName[] = [
  'lenet5',
  'alexnet',
  'alexnet_paper',
  'nin_cifar',
  'nin',
  'vgg11',
  'vgg11_bn',
  'googlenet',
  'resnet20',
  'resnet18',
  'resnet50',
  'squeezenet1_0',
  'squeezenet1_1',
  'densenet121',
];

for (const name of families) {
  test(`freezing stages of ${name} holds what runs up to their feature map, and no more`, t => {
    shapesOnly(() => {
      const record: ModelRecord = models[name];
      const model = record.build({random: blank()}).eval();
      const [height, width] = record.preprocess.inputSize;
      const image = tf.zeros<tf.Rank.R4>([1, height, width, record.preprocess.color === 'gray' ? 1 : 3]);
      model.featureMaps.forEach(({layer}, i) => {
        freezeStages(model, i + 1);
        // The oracle: the parts with parameters that have run once the map is there.
        const ran = new Set<string>();
        for (const [path, module] of model.namedModules()) {
          const {weight} = module as unknown as {weight?: unknown};
          if (!weight) continue;
          const forward = module.forward as (...inputs: unknown[]) => unknown;
          Object.assign(module, {
            forward(...inputs: unknown[]) {
              ran.add(path);
              return forward.apply(module, inputs);
            },
          });
        }
        features(model, image, [layer]);
        const held = model
          .namedParameters()
          .flatMap(([path, variable]) => (variable.trainable ? [] : [path]));
        t.deepEqual(
          [...new Set(held.map(path => path.slice(0, path.lastIndexOf('.'))))].sort(),
          [...ran].sort(),
          `${i + 1} stages, up to ${layer}`,
        );
      });
      model.dispose();
      return undefined;
    });
  });
}

test('there are as many stages as feature maps', t => {
  const model = models.resnet20.build();
  freezeStages(model, 0);
  t.true(model.parameters().every(({trainable}) => trainable));
  t.throws(() => freezeStages(model, 4), {message: /ResNetCifar has 3 stages.*0 to 3; got 4/});
});
