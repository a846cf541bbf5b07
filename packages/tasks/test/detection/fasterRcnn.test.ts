import {fallbacks, selectEngine, variableGrads} from '@foveal/core';
import {resNet18} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import type {DetectionBatch} from '../../src/detection/detectionNetwork.js';
import {type FasterRcnn, fasterRcnn} from '../../src/detection/fasterRcnn.js';
import {maskRcnn} from '../../src/instance/maskRcnn.js';
import {fillRcnn, goldenRcnn, picture, targetsFor} from './filledRcnn.js';

interface Golden {
  parameters: number;
  shapes: Record<string, number[]>;
  pictures: [number, number][];
  input: [number, number];
  sizes: [number, number][];
  losses: Record<string, number>;
  gradientNorms: Record<string, number>;
  detections: {boxes: number[][]; scores: number[]; labels: number[]; masks?: number[]}[];
}

const everything = 1e7;
const small = {
  categories: 3,
  minSize: 96,
  maxSize: 140,
  channels: 24,
  representation: 32,
  maskLayers: [16, 16],
  anchorSizes: [[16], [32], [64], [96], [128]],
  proposals: {
    perImage: everything,
    beforeNms: {training: 60, prediction: 60},
    afterNms: {training: 40, prediction: 30},
  },
  rois: {perImage: everything, scoreThreshold: 0.2, limit: 12},
};

/** Of the norms against float64: a ReLU that opens on the other side of zero moves one by 1.1e-3 on wasm. */
const gradientTolerance = 3e-3;

/** torchvision's name of each loss. */
const lossNames: Record<string, string> = {
  objectness: 'loss_objectness',
  proposal: 'loss_rpn_box_reg',
  category: 'loss_classifier',
  box: 'loss_box_reg',
  mask: 'loss_mask',
};

let engine: string;
test.before(async () => {
  engine = (await selectEngine()).name;
});

for (const [name, build] of [
  ['faster', () => fasterRcnn(resNet18(), small)],
  ['mask', () => maskRcnn(resNet18(), small)],
  ['c4', () => fasterRcnn(resNet18(), {...small, form: 'c4', anchorSizes: [[16, 32, 64, 96, 128]]})],
] as const) {
  test.serial(`a small ${name} R-CNN has torchvision's names, losses, gradients and detections`, t => {
    if (engine === 'cpu') {
      t.pass('not on the engine of plain JavaScript, which takes minutes; the parts have tests of their own');
      return;
    }
    const expected = goldenRcnn<Golden>(name);
    const network = build();
    t.is(network.numParameters(), expected.parameters);
    fillRcnn(network, expected.shapes, 2); // strict: any other name or shape throws
    const pictures = expected.pictures.map(([height, width], seed) => picture(height, width, seed));
    const {images, placements} = network.imageTransform.toInput(pictures);
    t.deepEqual(images.shape.slice(1, 3), expected.input);
    const targets = targetsFor(expected.sizes, expected.input, small.categories);
    const before = tf.memory().numTensors;
    checkStep(t, network, {images, placements, targets, files: []}, expected);
    network.eval();
    const found = network.detect(images, placements);
    found.forEach((detections, i) => {
      const wanted = expected.detections[i];
      t.deepEqual([...detections.labels.dataSync()], wanted.labels, `image ${i}`);
      near(t, detections.scores.dataSync(), wanted.scores, 1e-4, `scores of image ${i}`);
      near(t, detections.boxes.dataSync(), wanted.boxes.flat(), 0.01, `boxes of image ${i}`);
      if (wanted.masks) {
        const sums = tf.sum(detections.masks!, [1, 2]).dataSync();
        near(t, sums, wanted.masks, 0.05, `masks of image ${i}`);
      }
      tf.dispose(detections);
    });
    t.true(tf.memory().numTensors - before <= found.length, 'only what was read is left');
    t.deepEqual(fallbacks(), {}, 'every kernel is the engine’s own');
    network.dispose();
  });
}

function checkStep(t: ExecutionContext, network: FasterRcnn, batch: DetectionBatch, expected: Golden): void {
  const values: Record<string, number> = {};
  const {value, grads} = variableGrads(() => {
    const losses = network.losses(batch);
    for (const [name, loss] of Object.entries(losses)) [values[lossNames[name]]] = loss.dataSync();
    return tf.addN(Object.values(losses)) as tf.Scalar;
  }, network.parameters());
  value.dispose();
  t.deepEqual(Object.keys(values).sort(), Object.keys(expected.losses).sort());
  for (const [name, loss] of Object.entries(expected.losses)) {
    t.true(Math.abs(values[name] / loss - 1) < 1e-3, `${name}: ${values[name]}, expected ${loss}`);
  }
  const scale = Math.max(...Object.values(expected.gradientNorms));
  for (const [name, variable] of network.namedParameters()) {
    const gradient = grads[variable.name];
    t.truthy(gradient, name);
    const norm = tf.tidy(() => tf.norm(gradient).dataSync()[0]);
    const wanted = expected.gradientNorms[name];
    t.true(
      Math.abs(norm - wanted) <= gradientTolerance * (wanted + 0.01 * scale),
      `${name}: ${norm}, expected ${wanted}`,
    );
  }
  tf.dispose(grads);
}

function near(
  t: ExecutionContext,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  message: string,
): void {
  t.is(actual.length, expected.length, message);
  for (let i = 0; i < expected.length; i++) {
    if (Math.abs(actual[i] - expected[i]) <= tolerance) continue;
    t.fail(`${message}: value ${i} is ${actual[i]}, expected ${expected[i]}`);
    return;
  }
}
