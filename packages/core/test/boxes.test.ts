import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {boxArea, clipBoxes, cxcywhToXyxy, xyxyToCxcywh, xyxyToYxyx} from '../src/boxes.js';
import {closeTo, gradCheck, keepsOnlyResults, noFallbacks, registerOps, wrong} from './support.js';

test.before(registerOps);
test.after(noFallbacks);

const boxes = tf.tensor2d([
  [1, 2, 5, 10],
  [-3, 0, 4, 2],
]);

test('centres and sizes come from corners, and corners from them', t => {
  const centred = xyxyToCxcywh(boxes);
  closeTo(
    t,
    centred,
    tf.tensor2d([
      [3, 6, 4, 8],
      [0.5, 1, 7, 2],
    ]),
  );
  closeTo(t, cxcywhToXyxy(centred), boxes);
});

test('yxyx is xyxy with its axes exchanged', t => {
  closeTo(
    t,
    xyxyToYxyx(boxes),
    tf.tensor2d([
      [2, 1, 10, 5],
      [0, -3, 2, 4],
    ]),
  );
  closeTo(t, xyxyToYxyx(xyxyToYxyx(boxes)), boxes);
});

test('clipping is by height and width, in this order', t => {
  closeTo(
    t,
    clipBoxes(boxes, [3, 4]),
    tf.tensor2d([
      [1, 2, 4, 3],
      [0, 0, 4, 2],
    ]),
  );
});

test('areas keep the axes before the last', t => {
  closeTo(t, boxArea(boxes), tf.tensor1d([32, 14]));
  closeTo(t, boxArea(tf.reshape<tf.Rank.R3>(boxes, [1, 2, 4]) as tf.Tensor), tf.tensor2d([[32, 14]]));
});

test('no boxes give none', t => {
  const none = tf.zeros<tf.Rank.R2>([0, 4]);
  for (const f of [xyxyToCxcywh, cxcywhToXyxy, xyxyToYxyx, (b: tf.Tensor2D) => clipBoxes(b, [3, 4])]) {
    t.deepEqual(f(none).shape, [0, 4]);
  }
  t.deepEqual(boxArea(none).shape, [0]);
});

test('each is differentiable and keeps only its result', t => {
  const some = tf.fill([2, 4], 0.3) as tf.Tensor2D;
  const away = (x: tf.Tensor2D) => tf.tidy(() => clipBoxes(tf.add(x, boxes) as tf.Tensor2D, [4, 3]));
  for (const f of [xyxyToCxcywh, cxcywhToXyxy, xyxyToYxyx, away, (b: tf.Tensor2D) => boxArea(b)]) {
    gradCheck(t, f, some);
    keepsOnlyResults(t, () => f(some));
  }
});

test('a wrong last axis is named', t => {
  t.throws(() => xyxyToCxcywh(wrong([2, 5])), {
    message: 'xyxyToCxcywh: boxes must have shape [..., 4], got [2, 5].',
  });
});
