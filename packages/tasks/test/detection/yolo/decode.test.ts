import {selectEngine} from '@foveal/core';
import type {DetectionLayer, RegionLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import {decodeRegion} from '../../../src/detection/yolo/decodeRegion.js';
import {decodeYolo} from '../../../src/detection/yolo/decodeYolo.js';
import {decodeYoloV1} from '../../../src/detection/yolo/yoloV1.js';
import {layer, logit} from './support.js';

test.before(() => selectEngine());

function near(t: ExecutionContext, got: tf.Tensor, expected: readonly number[]) {
  const values = got.dataSync();
  t.is(values.length, expected.length);
  expected.forEach((value, i) => {
    t.true(Math.abs(values[i] - value) < 1e-3, `${i}: ${values[i]}, expected ${value}`);
  });
}

/** `[1, 2, 3, 14]`: a grid of 2 × 3 cells of 16 × 8 pixels, all zeros but one box. */
const raw = (box: readonly number[], row: number, column: number, anchor: number) => {
  const values = new Float32Array(2 * 3 * 14);
  values.set(box, (row * 3 + column) * 14 + anchor * 7);
  return tf.tensor4d(values, [1, 2, 3, 14]);
};

test('a yolo head that says nothing has boxes like its anchors in the middle of each cell', t => {
  const {boxes, scores} = decodeYolo(tf.zeros([1, 2, 3, 14]), layer, [16, 48]);
  t.deepEqual(boxes.shape, [1, 12, 4]);
  near(t, boxes.slice([0, 0, 0], [1, 2, 4]), [
    8 - 5,
    4 - 10,
    8 + 5,
    4 + 10,
    8 - 15,
    4 - 7.5,
    8 + 15,
    4 + 7.5,
  ]);
  near(t, scores, new Array(24).fill(0.25));
});

test('a yolo box moves within its cell, grows by powers of e, and scores by object and category', t => {
  const said = [logit(0.25), logit(0.75), Math.log(2), Math.log(0.5), logit(0.9), logit(0.5), logit(0.1)];
  const {boxes, scores} = decodeYolo(raw(said, 1, 2, 1), layer, [16, 48]);
  const [x, y] = [(2 + 0.25) * 16, (1 + 0.75) * 8];
  near(t, boxes.slice([0, 11, 0], [1, 1, 4]), [x - 30, y - 3.75, x + 30, y + 3.75]);
  near(t, scores.slice([0, 11, 0], [1, 1, 2]), [0.45, 0.09]);
});

test('scale_x_y lets centres reach beyond the border of a cell', t => {
  const {boxes} = decodeYolo(raw([50, -50], 0, 1, 0), {...layer, scaleXY: 1.2}, [16, 48]);
  const [x, y] = [(1 + 1.1) * 16, -0.1 * 8];
  near(t, boxes.slice([0, 2, 0], [1, 1, 4]), [x - 5, y - 10, x + 5, y + 10]);
});

test('a region head has anchors in cells and one softmax over the categories', t => {
  const region: RegionLayer = {
    type: 'region',
    line: 1,
    classes: 2,
    anchors: [
      [1, 2],
      [0.5, 1],
    ],
    softmax: true,
    biasMatch: true,
    rescore: true,
    thresh: 0.6,
    objectScale: 5,
    noObjectScale: 1,
    classScale: 1,
    coordScale: 1,
  };
  const {boxes, scores} = decodeRegion(
    raw([0, 0, 0, Math.log(3), logit(0.5), Math.log(4), 0], 1, 0, 1),
    region,
    [16, 48],
  );
  near(t, boxes.slice([0, 7, 0], [1, 1, 4]), [8 - 4, 12 - 12, 8 + 4, 12 + 12]);
  near(t, scores.slice([0, 7, 0], [1, 1, 2]), [0.4, 0.1]);
});

test('a version 1 head has categories, then confidences, then boxes by shares of the image', t => {
  const v1: DetectionLayer = {
    type: 'detection',
    line: 1,
    classes: 2,
    side: 2,
    num: 2,
    sqrt: true,
    softmax: false,
    rescore: true,
    objectScale: 1,
    noObjectScale: 0.5,
    classScale: 1,
    coordScale: 5,
  };
  const values = new Float32Array(4 * 12);
  values.set([0.2, 0.8], 3 * 2); // categories of cell 3
  values.set([0.5, 0.25], 8 + 3 * 2); // confidences
  values.set([0.5, 0.25, 0.5, 1], 16 + (3 * 2 + 1) * 4); // its second box
  const {boxes, scores} = decodeYoloV1(tf.tensor2d(values, [1, 48]), v1, [100, 200]);
  t.deepEqual(boxes.shape, [1, 8, 4]);
  const [x, y] = [(1.5 / 2) * 200, (1.25 / 2) * 100];
  near(t, boxes.slice([0, 7, 0], [1, 1, 4]), [x - 25, y - 50, x + 25, y + 50]);
  near(t, scores.slice([0, 6, 0], [1, 2, 2]), [0.1, 0.4, 0.05, 0.2]);
});
