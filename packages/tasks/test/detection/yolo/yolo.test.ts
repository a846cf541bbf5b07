import {Adam, selectEngine, variableGrads} from '@foveal/core';
import {parseCfg} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type {DetectionBatch} from '../../../src/detection/detectionNetwork.js';
import {pickDetections} from '../../../src/detection/yolo/pickDetections.js';
import {Yolo} from '../../../src/detection/yolo/yolo.js';
import {target} from './support.js';

test.before(() => selectEngine());

const conv = (filters: number, stride: number) =>
  `[convolutional]\nbatch_normalize=1\nfilters=${filters}\nsize=3\nstride=${stride}\npad=1\nactivation=leaky\n`;
const stem = `[net]\nwidth=32\nheight=32\n${conv(8, 2)}${conv(16, 2)}${conv(24, 2)}${conv(24, 1)}`;
const heads: Record<string, string> = {
  yolo: `${stem}[convolutional]\nfilters=14\nactivation=linear\n[yolo]\nanchors=8,8, 16,10\nnum=2\nclasses=2\niou_loss=ciou\n`,
  region: `${stem}[convolutional]\nfilters=14\nactivation=linear\n[region]\nanchors=1,1, 2,1.2\nnum=2\nclasses=2\nsoftmax=1\n`,
  detection:
    `${stem}[connected]\noutput=48\nactivation=linear\n` +
    '[detection]\nside=2\nnum=2\nclasses=2\nsqrt=1\nrescore=1\ncoord_scale=5\nnoobject_scale=.5\n',
};

const boxes = [
  [3, 4, 11, 12],
  [14, 12, 30, 22],
  [2, 20, 10, 28],
  [10, 2, 27, 13],
];

/** Four dark images with a red or a green rectangle each. */
function fourImages(): DetectionBatch {
  const values = new Float32Array(4 * 32 * 32 * 3);
  boxes.forEach(([x1, y1, x2, y2], i) => {
    for (let y = y1; y < y2; y++)
      for (let x = x1; x < x2; x++) values[((i * 32 + y) * 32 + x) * 3 + (i % 2)] = 1;
  });
  return {
    images: tf.tensor4d(values, [4, 32, 32, 3]),
    files: boxes.map((_, i) => `${i}.png`),
    placements: boxes.map(() => ({size: [32, 32], scale: [1, 1], offset: [0, 0]})),
    targets: boxes.map((box, i) => target([box], [i % 2])),
  };
}

for (const [name, cfg] of Object.entries(heads)) {
  test(`a small network with a ${name} layer learns four images by heart`, t => {
    const yolo = new Yolo(parseCfg(cfg), {momentum: 0.2});
    const batch = fourImages();
    const variables = yolo.parameters();
    const optimizer = new Adam(variables, {learningRate: 0.01});
    let tensors = 0;
    for (let step = 0; step < 150; step++) {
      const total = () => tf.addN(Object.values(yolo.losses(batch))) as tf.Scalar;
      const {value, grads} = variableGrads(total, variables);
      optimizer.step(grads);
      tf.dispose([value, ...Object.values(grads)]);
      if (step === 1) tensors = tf.memory().numTensors;
    }
    t.is(tf.memory().numTensors, tensors, 'a step leaves nothing behind');
    yolo.eval();
    yolo.detect(batch.images, batch.placements).forEach((found, i) => {
      t.is(found.labels.dataSync()[0], i % 2);
      t.true(found.scores.dataSync()[0] > 0.4, `score ${found.scores.dataSync()[0]}`);
      const worst = Math.max(
        ...found.boxes
          .dataSync()
          .slice(0, 4)
          .map((x, c) => Math.abs(x - boxes[i][c])),
      );
      t.true(worst < 2, `image ${i}: off by ${worst} pixels`);
      tf.dispose([found.boxes, found.scores, found.labels]);
    });
    t.is(tf.memory().numTensors, tensors, 'detection leaves nothing behind');
    yolo.dispose();
  });
}

test('a network without heads is no detector', t => {
  t.throws(() => new Yolo(parseCfg(stem)), {message: /has no \[yolo\], \[region\] or \[detection\] layer/});
});

test('of boxes that overlap, the best of each category stays, or of all', t => {
  const boxes = tf.tensor2d([
    [0, 0, 10, 10],
    [0, 0, 10, 9],
    [20, 20, 30, 30],
  ]);
  const scores = tf.tensor2d([
    [0.9, 0.3],
    [0.4, 0.8],
    [0.1, 0.6],
  ]);
  const pick = (suppress: 'category' | 'all', limit = 10) => {
    const found = pickDetections(boxes, scores, {scoreThreshold: 0.2, nmsThreshold: 0.5, suppress, limit});
    return [...found.scores.dataSync()].map(
      (score, i) => `${score.toFixed(1)} of ${found.labels.dataSync()[i]}`,
    );
  };
  t.deepEqual(pick('category'), ['0.9 of 0', '0.8 of 1', '0.6 of 1']);
  t.deepEqual(pick('all'), ['0.9 of 0', '0.6 of 1']);
  t.deepEqual(pick('category', 1), ['0.9 of 0']);
});
