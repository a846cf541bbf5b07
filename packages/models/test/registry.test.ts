import {readFileSync} from 'node:fs';
import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {features} from '../src/features.js';
import {multiplyAdds} from '../src/multiplyAdds.js';
import {type ModelName, type ModelRecord, models} from '../src/registry.js';
import {shapesOnly} from '../src/shapesOnly.js';
import {blank} from './blank.js';
import {golden} from './weights/support.js';

// The engine of plain JavaScript takes minutes for the large models; what it leaves out runs on every other engine.
let engine: string;
test.before(async () => {
  engine = (await selectEngine()).name;
});

/** Counted by PyTorch's hooks in fixtures/generate_models.py. */
const counts = JSON.parse(readFileSync(golden('models/counts.json'), 'utf8')) as Record<
  string,
  {parameters: number; multiplyAdds: number}
>;

const channelsOf = ({preprocess}: ModelRecord) => (preprocess.color === 'gray' ? 1 : 3);

const records = Object.entries(models) as [ModelName, ModelRecord][];

test('PyTorch counted every model', t => {
  t.deepEqual(Object.keys(counts).sort(), Object.keys(models).sort());
});

for (const [name, record] of records) {
  test.serial(`${name} has the parameters, multiply-adds and feature maps that it says`, t => {
    const [height, width] = record.preprocess.inputSize;
    const channels = channelsOf(record);
    const before = tf.memory().numTensors;
    const found = shapesOnly(() => {
      const model = record.build({random: blank()}).eval();
      const shapesFor = (...size: [number, number]) =>
        features(model, tf.zeros([1, ...size, channels])).map(({shape}) => shape);
      const result = {
        parameters: model.numParameters(),
        multiplyAdds: multiplyAdds(model, [height, width, channels]),
        logits: model.forward(tf.zeros([1, height, width, channels])).shape as number[],
        maps: model.featureMaps,
        shapes: shapesFor(height, width),
        // LeNet takes no other size.
        larger: name === 'lenet5' ? [] : shapesFor(height + 64, width + 32),
      };
      model.dispose();
      return result;
    });
    const {parameters, multiplyAdds: operations} = counts[name];
    t.like(record, {parameters, multiplyAdds: operations});
    t.like(found, {parameters, multiplyAdds: operations, logits: [1, record.numClasses]});
    t.deepEqual(
      found.shapes.map(shape => shape.at(-1)),
      found.maps.map(map => map.channels),
    );
    // Whatever is lost at the borders, 64 pixels more give 64 / stride more.
    t.deepEqual(
      found.larger.map(([, h, w], i) => [h - found.shapes[i][1], w - found.shapes[i][2]]),
      found.larger.map((_, i) => [64 / found.maps[i].stride, 32 / found.maps[i].stride]),
    );
    t.is(tf.memory().numTensors, before);
  });
}

test('LeNet’s first map is as large as the image, the second half of what is left of it', t => {
  const model = models.lenet5.build().eval();
  const shapes = features(model, tf.zeros([1, 28, 28, 1])).map(({shape}) => shape);
  t.deepEqual(shapes, [
    [1, 28, 28, 6],
    [1, 10, 10, 16],
  ]);
});

/** The smallest image that leaves something to classify, of the models light enough to be trained here. */
const light: Partial<Record<ModelName, number>> = {
  linear: 32,
  two_layer: 32,
  lenet5: 28,
  nin_cifar: 32,
  nin: 67,
  resnet20: 32,
  resnet18: 32,
  googlenet: 32,
  squeezenet1_0: 35,
  squeezenet1_1: 35,
  densenet121: 64,
};

for (const [name, size] of Object.entries(light) as [ModelName, number][]) {
  test.serial(`${name} with three classes gives every parameter a finite gradient that is not zero`, t => {
    const record: ModelRecord = models[name];
    if (engine === 'cpu' && record.parameters > 1e5) {
      t.pass();
      return;
    }
    const model = record.build({numClasses: 3});
    const image = tf.randomNormal<tf.Rank.R4>([2, size, size, channelsOf(record)], 0, 1, 'float32', 3);
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

test('sizes that a model cannot take are refused with the sizes it can', t => {
  t.throws(() => models.lenet5.build().forward(tf.zeros([1, 32, 32, 1])), {
    message: /\[N, 28, 28, 1\], got \[1,32,32,1\]/,
  });
  t.throws(() => models.linear.build().forward(tf.zeros([1, 28, 28, 3])), {
    message: /\[N, 32, 32, 3\], got \[1,28,28,3\].*inputSize/,
  });
});
