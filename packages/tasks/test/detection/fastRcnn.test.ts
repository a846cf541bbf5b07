import {Random, Sgd, selectEngine, variableGrads} from '@foveal/core';
import type {Image} from '@foveal/data';
import {Vgg} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {detector} from '../../src/detection/detectionTask.js';
import {fastRcnn} from '../../src/detection/fastRcnn.js';
import type {ObjectBatch} from '../../src/detection/objectBatches.js';
import {evaluate} from '../../src/evaluate.js';
import {blockCategories, flatImage, shapeScenes} from '../support/shapeScenes.js';
import {TinyBackbone} from '../support/tinyBackbone.js';

test.before(async () => {
  await selectEngine();
});

const normalisation = {mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], divisible: 4};

test('a small Fast R-CNN learns four images by heart, with proposals from outside', async t => {
  const dataset = shapeScenes(new Random(3), 4, 64);
  const network = fastRcnn(new TinyBackbone(1), {
    ...normalisation,
    categories: 2,
    minSize: 64,
    representation: 64,
    random: new Random(4),
  });
  const task = detector(network, {categories: blockCategories, score: 'AP50'});
  const batches: ObjectBatch[] = [];
  for await (const batch of task.batches(dataset, {batchSize: 2})) batches.push(batch);
  const optimizer = new Sgd(network.parameters(), {learningRate: 0.02, momentum: 0.9});
  const totals: number[] = [];
  network.train();
  for (let step = 0; step < 100; step++) {
    network.reseed(step);
    const {value, grads} = variableGrads(() => {
      const {category, box} = network.losses(batches[step % 2]);
      return tf.add(category, box) as tf.Scalar;
    }, network.parameters());
    optimizer.step(grads);
    totals.push(value.dataSync()[0]);
    tf.dispose([value, grads]);
  }
  t.true(totals[99] < totals[0] / 3, `${totals[0]} → ${totals[99]}`);
  network.eval();
  const {AP50} = await evaluate(task, dataset);
  t.true(AP50 > 0.95, `AP50 ${AP50}`);
});

test('proposals are asked for once an image, cut to the limit, and placed with it', t => {
  const asked: Image[] = [];
  const image = flatImage(40, 20, [90, 90, 90]);
  const network = fastRcnn(new TinyBackbone(1), {
    ...normalisation,
    categories: 1,
    minSize: 40,
    maxSize: 80,
    limit: 1,
    representation: 8,
    // A detection for each proposal and no move: the boxes themselves come back.
    rois: {scoreThreshold: 0, nmsThreshold: 1},
    proposals(image) {
      asked.push(image);
      return Float32Array.of(5, 2, 30, 12, 0, 0, 9, 9);
    },
  });
  for (const parameter of network.roi_heads.box_predictor.parameters())
    parameter.assign(tf.zerosLike(parameter));
  const input = network.imageTransform.toInput([image]);
  network.eval();
  const [found] = network.detect(input.images, input.placements);
  t.deepEqual(asked, [image]);
  t.deepEqual([...found.boxes.dataSync()], [10, 4, 60, 24]);
  t.deepEqual([...found.scores.dataSync()], [0.5]);

  t.throws(() => network.detect(input.images, [{...input.placements[0]}]), {
    message: /no proposals for a placement.*not copies/,
  });
});

test('an image without proposals is looked at as a whole', t => {
  const network = fastRcnn(new TinyBackbone(1), {
    ...normalisation,
    categories: 1,
    minSize: 32,
    representation: 8,
    rois: {scoreThreshold: 0, nmsThreshold: 1},
    proposals: () => new Float32Array(),
  });
  const input = network.imageTransform.toInput([flatImage(32, 32, [1, 2, 3])]);
  t.is(network.detect(input.images, input.placements)[0].boxes.shape[0], 1);
  const targets = [{boxes: tf.tensor2d([[2, 2, 20, 20]]), labels: tf.tensor1d([0], 'int32')}];
  const losses = network.losses({...input, targets, files: ['x']});
  t.deepEqual(Object.keys(losses).sort(), ['box', 'category']);
  t.true(Object.values(losses).every(loss => Number.isFinite(loss.dataSync()[0])));
});

test("a VGG's own hidden layers look at each box, and go on training", t => {
  const vgg = new Vgg('A', {numClasses: 3, hidden: 8, random: new Random(1)});
  const weight = vgg.classifier.stateDict()['0.weight'].dataSync();
  const network = fastRcnn(vgg, {
    ...normalisation,
    categories: 1,
    minSize: 32,
    proposals: () => Float32Array.of(1, 1, 30, 30),
    random: new Random(2),
  });
  const names = network.namedParameters().map(([name]) => name);
  t.true(names.includes('roi_heads.box_head.fc6.weight'));
  t.false(names.some(name => name.includes('classifier')));
  t.deepEqual(network.stateDict()['roi_heads.box_head.fc6.weight'].dataSync(), weight);
  const input = network.imageTransform.toInput([flatImage(32, 32, [200, 2, 3])]);
  const targets = [{boxes: tf.tensor2d([[2, 2, 29, 29]]), labels: tf.tensor1d([0], 'int32')}];
  const {value, grads} = variableGrads(() => {
    const {category, box} = network.losses({...input, targets, files: ['x']});
    return tf.add(category, box) as tf.Scalar;
  }, network.parameters());
  t.true(Number.isFinite(value.dataSync()[0]));
  t.is(Object.keys(grads).length, network.parameters().length);
});

test('a wrong option is named with what there is', t => {
  t.throws(() => fastRcnn(new TinyBackbone(), {categories: 0}), {
    message: /categories must be a whole number/,
  });
  t.throws(() => fastRcnn(new TinyBackbone(), {categories: 1, layer: 'conv9'}), {
    message: /no feature map conv9\. It has features\.5 \(stride 4\)/,
  });
});
