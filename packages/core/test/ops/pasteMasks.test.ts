import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type PasteMasksOptions, pasteMaskRles, pasteMasks} from '../../src/ops/pasteMasks.js';
import {checkedRle, rleArea, rleFromMask, rleToMask} from '../../src/rle.js';
import {
  closeTo,
  type Golden,
  golden,
  keepsOnlyResults,
  noFallbacks,
  noise,
  registerOps,
  tensor,
  wrong,
} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

type Case = Golden<PasteMasksOptions, 'masks' | 'boxes', 'y'>;

for (const {name, options, inputs, outputs} of golden<Case>('paste_masks')) {
  test(`torchvision pastes the same values: ${name}`, t => {
    const [masks, boxes] = [tensor<tf.Tensor3D>(inputs.masks), tensor<tf.Tensor2D>(inputs.boxes)];
    closeTo(t, pasteMasks(masks, boxes, options), tensor(outputs.y));
  });

  test(`runs hold the pixels above the threshold: ${name}`, t => {
    const [masks, boxes] = [tensor<tf.Tensor3D>(inputs.masks), tensor<tf.Tensor2D>(inputs.boxes)];
    const {height, width} = options;
    for (const threshold of [0, 0.3, 0.5, 0.99]) {
      const dense = pasteMasks(masks, boxes, options).dataSync();
      pasteMaskRles(masks, boxes, {...options, threshold}).forEach((rle, k) => {
        const pixels = dense.subarray(k * height * width, (k + 1) * height * width);
        const expected = rleFromMask(
          Array.from(pixels, value => Number(value > Math.fround(threshold))),
          height,
          width,
        );
        t.deepEqual(rle, expected, `mask ${k}, threshold ${threshold}`);
        t.notThrows(() => checkedRle(rle.height, rle.width, rle.counts));
      });
    }
  });
}

const boxes = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, 4]);

test('a full mask fills its box, and fades at the border', t => {
  const pasted = pasteMasks(tf.ones([1, 8, 8]), boxes([8, 8, 24, 24]), {height: 32, width: 40});
  const [values] = tf.unstack(pasted).map(image => image.arraySync() as number[][]);
  t.is(values[16][16], 1);
  t.is(values[10][10], 1);
  t.true(values[7][16] > 0 && values[7][16] < 1);
  t.is(values[4][16], 0);
});

test('masks of zeros and ones, whose edges lie on the threshold, agree with their runs', t => {
  const masks = tf.cast(tf.greater(noise<tf.Rank.R3>([6, 28, 28]), 0), 'float32') as tf.Tensor3D;
  const where = boxes(
    [3, 4, 61, 62],
    [0, 0, 60, 60],
    [10.5, 20.5, 40.5, 50.5],
    [-30, 5, 90, 35],
    [1, 1, 57, 29],
    [7, 7, 9, 60],
  );
  const size = {height: 64, width: 70};
  const dense = pasteMasks(masks, where, size).dataSync();
  pasteMaskRles(masks, where, size).forEach((rle, k) => {
    const expected = Uint8Array.from(dense.subarray(k * 64 * 70, (k + 1) * 64 * 70), value =>
      Number(value > 0.5),
    );
    t.deepEqual(rleToMask(rle), expected, `mask ${k}`);
  });
});

test('masks of twelve megapixels take memory by their outlines', t => {
  const masks = tf.ones<tf.Rank.R3>([10, 28, 28]);
  const where = tf.tile(boxes([100, 100, 3900, 2900]), [10, 1]) as tf.Tensor2D;
  const rles = pasteMaskRles(masks, where, {height: 3000, width: 4000});
  t.is(rles.length, 10);
  t.true(Math.abs(rleArea(rles[9]) / (3800 * 2800) - 1) < 0.05);
  t.true(rles[9].counts.length < 10_000);
});

test('NaN, infinity and boxes without pixels show nothing', t => {
  const where = boxes([NaN, 0, 5, 5], [0, 0, Infinity, 5], [30, 0, 34, 5], [-1e30, 0, 1e30, 5]);
  const masks = tf.ones<tf.Rank.R3>([4, 3, 3]);
  closeTo(t, pasteMasks(masks, where, {height: 8, width: 9}), tf.zeros([4, 8, 9]));
  for (const rle of pasteMaskRles(masks, where, {height: 8, width: 9})) t.deepEqual([...rle.counts], [72]);
});

test('no masks give none, and only the result is kept', t => {
  const none = pasteMasks(tf.zeros([0, 3, 3]), tf.zeros([0, 4]), {height: 8, width: 9});
  t.deepEqual(none.shape, [0, 8, 9]);
  t.deepEqual(pasteMaskRles(tf.zeros([0, 3, 3]), tf.zeros([0, 4]), {height: 8, width: 9}), []);
  const [masks, where] = [tf.ones<tf.Rank.R3>([1, 3, 3]), boxes([1, 1, 4, 5])];
  keepsOnlyResults(t, () => pasteMasks(masks, where, {height: 8, width: 9}));
});

test('errors say what was expected, what came and what to do', t => {
  t.throws(() => pasteMasks(wrong([1, 3, 4]), tf.zeros([1, 4]), {height: 8, width: 9}), {
    message: /masks must have shape \[K, M, M\], got \[1, 3, 4\]/,
  });
  t.throws(() => pasteMasks(tf.zeros([1, 3, 3]), tf.zeros([1, 4]), {height: 0, width: 9}), {
    message: /height must be a whole number of pixels, got 0/,
  });
  t.throws(
    () => pasteMaskRles(tf.zeros([1, 3, 3]), tf.zeros([1, 4]), {height: 8, width: 9, threshold: NaN}),
    {
      message: /threshold must be 0 or more, got NaN/,
    },
  );
});
