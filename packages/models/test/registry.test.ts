import {type Module, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type ModelName, models} from '../src/registry.js';

// The engine of plain JavaScript takes minutes for the large models; what it leaves out runs on every other engine.
let engine: string;
test.before(async () => {
  engine = (await selectEngine()).name;
});

/** Pixels that a map lacks at its right and bottom, where convolutions are not padded. */
const unpadded: Record<string, number> = {'lenet5 c3': 4};

const names = Object.keys(models) as ModelName[];

for (const name of names) {
  const {build, parameters, numClasses, preprocess} = models[name];
  // Large on a small machine, and the same code as resnet50.
  const heavy = parameters > 3e7;

  test.serial(
    `${name} has ${parameters.toLocaleString('en')} parameters${heavy ? '' : ', and feature maps as it says'}`,
    t => {
      const model = build();
      t.is(model.numParameters(), parameters);
      if (!heavy && !(engine === 'cpu' && parameters > 1e6)) {
        const size = Math.min(preprocess.inputSize[0], 64);
        const image = tf.zeros<tf.Rank.R4>([1, size, size, preprocess.color === 'gray' ? 1 : 3]);
        const modules = new Map(model.namedModules());
        const shapes = model.featureMaps.map(({layer}) => recordOutput(modules.get(layer)!));
        const logits = model.eval().forward(image);
        t.deepEqual(logits.shape, [1, numClasses]);
        t.deepEqual(
          shapes.map(({shape}) => shape),
          model.featureMaps.map(({layer, channels, stride}) => {
            const side = Math.ceil(size / stride) - (unpadded[`${name} ${layer}`] ?? 0);
            return [1, side, side, channels];
          }),
        );
        tf.dispose([logits, image]);
      }
      model.dispose();
    },
  );
}

/** Notes the shape that a module gives when it is next run. */
function recordOutput(module: Module): {shape: number[]} {
  const record: {shape: number[]} = {shape: []};
  const forward = module.forward as (x: tf.Tensor) => tf.Tensor;
  Object.assign(module, {
    forward(x: tf.Tensor) {
      const y = forward.call(module, x);
      record.shape = y.shape;
      return y;
    },
  });
  return record;
}

for (const name of ['lenet5', 'resnet20', 'resnet18'] as const) {
  test.serial(`${name} with three classes gives every parameter a finite gradient that is not zero`, t => {
    const {build, preprocess, parameters} = models[name];
    if (engine === 'cpu' && parameters > 1e5) {
      t.pass();
      return;
    }
    const model = build({numClasses: 3});
    const size = preprocess.inputSize[0] === 28 ? 28 : 32;
    const image = tf.randomNormal<tf.Rank.R4>(
      [2, size, size, preprocess.color === 'gray' ? 1 : 3],
      0,
      1,
      'float32',
      3,
    );
    const upstream = tf.tensor2d([
      [1, -2, 0.5],
      [-1, 0.3, 2],
    ]);
    const {value, grads} = tf.variableGrads(() => tf.sum(tf.mul(model.forward(image), upstream)));
    for (const [path, variable] of model.namedParameters()) {
      const norm = tf.tidy(() => tf.norm(grads[variable.name]).dataSync()[0]);
      t.true(Number.isFinite(norm) && norm > 0, `${path}: ${norm}`);
    }
    tf.dispose([value, grads, image, upstream]);
    model.dispose();
  });
}

test.serial('a forward pass leaves nothing but its result behind', t => {
  const model = models.resnet20.build();
  const image = tf.zeros<tf.Rank.R4>([2, 32, 32, 3]);
  for (const training of [true, false]) {
    model.train(training);
    const before = tf.memory().numTensors;
    model.forward(image).dispose();
    t.is(tf.memory().numTensors, before);
  }
  image.dispose();
  model.dispose();
});

test('sizes that no model has are refused with the sizes there are', t => {
  t.throws(() => models.lenet5.build().forward(tf.zeros([1, 32, 32, 1])), {
    message: /\[N, 28, 28, 1\], got \[1,32,32,1\]/,
  });
});
