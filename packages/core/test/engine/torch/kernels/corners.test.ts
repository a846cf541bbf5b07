import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, gradCheck, noise} from '../../../support.js';
import {torchTest, useTorch} from '../torchTest.js';

test.before(useTorch);

const image = (...rows: number[][]) => tf.tensor4d(rows.flat(), [1, rows.length, rows[0].length, 1]);
const values = (x: tf.Tensor) => [...x.dataSync()];
const centers = [
  [false, false],
  [true, false],
  [false, true],
] as const;
const sizes: [number, number][] = [
  [3, 4],
  [7, 9],
  [10, 18],
  [1, 5],
];

for (const [alignCorners, halfPixelCenters] of centers) {
  for (const size of sizes) {
    const how = `to ${size}, aligned corners: ${alignCorners}, pixel centres: ${halfPixelCenters}`;

    torchTest(`the gradient of a bilinear resize is that of its values, ${how}`, t => {
      gradCheck(
        t,
        x => tf.image.resizeBilinear(x, size, alignCorners, halfPixelCenters),
        noise<tf.Rank.R4>([2, 5, 6, 2]),
      );
    });

    torchTest(`the gradient of a nearest resize is that of its values, ${how}`, t => {
      gradCheck(
        t,
        x => tf.image.resizeNearestNeighbor(x, size, alignCorners, halfPixelCenters),
        noise<tf.Rank.R4>([2, 5, 6, 2]),
      );
    });
  }
}

torchTest('a ramp stays a ramp under a bilinear resize', t => {
  const ramp = tf.reshape(tf.range(0, 5), [1, 5, 1, 1]) as tf.Tensor4D;
  const resized = (...how: boolean[]) => values(tf.image.resizeBilinear(ramp, [10, 1], ...how));
  t.deepEqual(resized(), [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4]);
  t.deepEqual(resized(false, true), [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]);
  closeTo(t, tf.tensor1d(resized(true)), tf.linspace(0, 4, 10));
});

torchTest('max pooling pads with what is less than anything', t => {
  const negative = image([-1, -2, -3], [-4, -5, -6], [-7, -8, -9]);
  t.deepEqual(values(tf.maxPool(negative, 2, 2, 'same')), [-1, -3, -7, -9]);
});

torchTest('average pooling leaves the padding out, and its gradient divides by the whole window', t => {
  const x = image([1, 2, 3], [4, 5, 6], [7, 8, 9]);
  t.deepEqual(values(tf.avgPool(x, 2, 2, 'same')), [3, 4.5, 7.5, 9]);
  t.deepEqual(
    values(tf.grad((x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'same'))(x)),
    Array(9).fill(0.25),
  );
});

for (const pad of ['same', 'valid', 2] as const) {
  torchTest(`the gradient of max pooling goes to the maxima, padding: ${pad}`, t => {
    // 97 has no divisor in common with 168: all values differ, by more than the steps that the check takes.
    const distinct = Float32Array.from({length: 168}, (_, i) => (((i * 97) % 168) - 84) / 40);
    gradCheck(t, x => tf.maxPool(x, 3, 2, pad), tf.tensor4d(distinct, [2, 6, 7, 2]));
  });
}

torchTest('the gradient of pooling knows the windows that rounding up adds', t => {
  const x = image([1, 2, 3]);
  for (const pool of [tf.maxPool, tf.avgPool]) {
    const gradient = tf.grad((x: tf.Tensor) => pool(x as tf.Tensor4D, [1, 2], [1, 2], 0, 'ceil'))(x);
    t.deepEqual(values(gradient), pool === tf.maxPool ? [0, 1, 1] : [0.5, 0.5, 0.5]);
  }
});

torchTest('one number pads both axes alike, whatever the window', t => {
  const x = noise<tf.Rank.R4>([1, 5, 6, 2]);
  const filter = noise<tf.Rank.R4>([3, 1, 2, 2], 2);
  t.deepEqual(tf.conv2d(x, filter, 1, 1).shape, [1, 5, 8, 2]);
  gradCheck(t, x => tf.conv2d(x, filter, 1, 1), x);
  gradCheck(t, filter => tf.conv2d(x, filter, 1, 1), filter);
});

torchTest('the gradient of a 3-d convolution is that of its values, in the image and in the filter', t => {
  const x = noise<tf.Rank.R5>([1, 3, 4, 4, 2]);
  const filter = noise<tf.Rank.R5>([2, 2, 2, 2, 3], 2);
  gradCheck(t, x => tf.conv3d(x, filter, 2, 'same'), x);
  gradCheck(t, filter => tf.conv3d(x, filter, 2, 'same'), filter);
});

torchTest('a crop that ends at 1 ends on the last pixel, and beyond it the given value stands', t => {
  const x = image([0, 1, 2, 3]);
  const boxes = tf.tensor2d([
    [0, 0.1, 0, 1],
    [0, 0.5, 0, 1.5],
  ]);
  const crops = tf.image.cropAndResize(x, boxes, [0, 0], [1, 3], 'bilinear', -9);
  closeTo(t, crops, tf.tensor4d([0.3, 1.65, 3, 1.5, 3, -9], [2, 1, 3, 1]));
});

torchTest('among equal values the first comes first', t => {
  const {indices} = tf.topk(tf.tensor1d([1, 3, 3, 1, 3]), 4);
  t.deepEqual(values(indices), [1, 2, 4, 0]);
  t.deepEqual(values(tf.argMax([1, 3, 3])), [1]);
});

torchTest('segments outside are left out of a segment sum', t => {
  const sums = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4, 8]), tf.tensor1d([1, -1, 1, 5], 'int32'), 2);
  t.deepEqual(values(sums), [0, 5]);
});

torchTest('integers are multiplied and added exactly', t => {
  const big = tf.tensor2d([[2 ** 24 + 1, 1]], [1, 2], 'int32');
  const product = tf.matMul(big, tf.tensor2d([[1], [2]], [2, 1], 'int32'));
  t.is(product.dtype, 'int32');
  t.deepEqual(values(product), [2 ** 24 + 3]);
  t.deepEqual(values(tf.sum(tf.tensor1d([2 ** 24, 1], 'int32'))), [2 ** 24 + 1]);
});

torchTest('a number does not turn integers into floats', t => {
  const clipped = tf.clipByValue(tf.tensor1d([-5, 5], 'int32'), -1, 1);
  t.is(clipped.dtype, 'int32');
  t.deepEqual(values(clipped), [-1, 1]);
});

torchTest('an index outside is named', t => {
  t.throws(() => tf.gather([1, 2], tf.tensor1d([0, 7], 'int32')), {
    message: /index value 7 is not in \[0, 1\]/,
  });
});

torchTest('NaN goes through what decides between values', t => {
  const x = tf.tensor1d([Number.NaN, 1]);
  for (const y of [tf.relu(x), tf.maximum(x, 0), tf.step(x), tf.clipByValue(x, 0, 1), tf.max(x)]) {
    t.true(Number.isNaN(y.dataSync()[0]));
  }
});

torchTest('a kernel with a list among its inputs falls back as well', t => {
  const {outputDenseValues} = tf.raggedGather(
    [tf.tensor1d([0, 1, 3], 'int32')],
    tf.tensor1d([10, 20, 30]),
    tf.tensor1d([1, 0], 'int32'),
    1,
  );
  t.deepEqual(values(outputDenseValues), [20, 30, 10]);
});
