import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {boxIou} from '../../src/ops/boxIou.js';
import {
  closeTo,
  type Golden,
  golden,
  keepsOnlyResults,
  noFallbacks,
  registerOps,
  tensor,
  wrong,
} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

for (const {name, inputs, outputs} of golden<Golden<object, 'a' | 'b', 'y'>>('box_iou')) {
  test(`torchvision gives the same overlaps: ${name}`, t => {
    closeTo(t, boxIou(tensor(inputs.a), tensor(inputs.b)), tensor(outputs.y));
  });
}

test('two boxes without area overlap by zero, and NaN stays in its row', t => {
  const some = tf.tensor2d([
    [1, 1, 1, 1],
    [0, 0, 2, 2],
    [0, NaN, 2, 2],
  ]);
  closeTo(
    t,
    boxIou(some, some),
    tf.tensor2d([
      [0, 0, NaN],
      [0, 1, NaN],
      [NaN, NaN, NaN],
    ]),
  );
});

test('only the result is kept, and a wrong shape is named', t => {
  const some = tf.tensor2d([[0, 0, 2, 2]]);
  keepsOnlyResults(t, () => boxIou(some, some));
  t.throws(() => boxIou(some, wrong([2, 5])), {message: /b must have shape \[N, 4\], got \[2, 5\]/});
});
