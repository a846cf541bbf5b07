import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type CropAndResizeOptions, cropAndResize} from '../../src/ops/cropAndResize.js';
import {
  closeTo,
  type Golden,
  golden,
  gradCheck,
  keepsOnlyResults,
  noFallbacks,
  noise,
  registerOps,
  tensor,
  tolerances,
  wrong,
} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

type Case = Golden<CropAndResizeOptions, 'image' | 'boxes' | 'boxIndices' | 'dy', 'y' | 'image'>;

for (const {name, options, inputs, outputs} of golden<Case>('crop_and_resize')) {
  test(`PyTorch samples the same values and gives the same gradient: ${name}`, t => {
    const boxes = tensor<tf.Tensor2D>(inputs.boxes);
    const boxIndices = tensor<tf.Tensor1D>(inputs.boxIndices, 'int32');
    const f = (image: tf.Tensor) => cropAndResize(image as tf.Tensor4D, boxes, boxIndices, options);
    closeTo(t, f(tensor(inputs.image)), tensor(outputs.y));
    const gradient = tf.grad(f)(tensor(inputs.image), tensor(inputs.dy));
    closeTo(t, gradient, tensor(outputs.image), {tolerance: tolerances.gradient});
  });
}

const boxes = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, 4]);
const images = (...indices: number[]) => tf.tensor1d(indices, 'int32');

test('the box of a whole image at its own size is the image', t => {
  const image = noise<tf.Rank.R4>([1, 5, 7, 3]);
  closeTo(t, cropAndResize(image, boxes([0, 0, 7, 5]), images(0), {size: [5, 7]}), image);
});

test('tf.image crops the same, its boxes in shares of the outermost centres', t => {
  const image = noise<tf.Rank.R4>([2, 6, 9, 3]);
  const pixels = [
    [1, 1, 5, 4],
    [2.4, 0.6, 8, 5.3],
    [-4, 1, 3, 9],
  ];
  const shares = pixels.map(([x1, y1, x2, y2]) => [y1 / 5, x1 / 8, (y2 - 1) / 5, (x2 - 1) / 8]);
  for (const method of ['bilinear', 'nearest'] as const) {
    const expected = tf.image.cropAndResize(image, boxes(...shares), images(0, 1, 0), [4, 5], method, 0.25);
    const crops = cropAndResize(image, boxes(...pixels), images(0, 1, 0), {
      size: [4, 5],
      method,
      extrapolationValue: 0.25,
    });
    closeTo(t, crops, expected);
  }
});

test('the gradient matches differences', t => {
  const where = boxes([0.2, 0.3, 3.1, 2.7], [-2, -2, 9, 9], [3, 3, 1, 1]);
  for (const method of ['bilinear', 'nearest'] as const) {
    gradCheck(
      t,
      x => cropAndResize(x, where, images(1, 0, 1), {size: [3, 4], method}),
      noise<tf.Rank.R4>([2, 4, 4, 2]),
    );
  }
});

test('no boxes give no crops and a zero gradient; NaN shows nothing', t => {
  const image = noise<tf.Rank.R4>([1, 4, 4, 3]);
  const f = (x: tf.Tensor) => cropAndResize(x as tf.Tensor4D, tf.zeros([0, 4]), images(), {size: [2, 2]});
  t.deepEqual(f(image).shape, [0, 2, 2, 3]);
  closeTo(t, tf.grad(f)(image), tf.zeros([1, 4, 4, 3]));
  const odd = boxes([NaN, 0, 2, NaN], [-Infinity, 0, Infinity, 3], [-1e30, -1e30, 1e30, -1e29]);
  const crops = cropAndResize(image, odd, images(0, 0, 0), {size: [2, 2], extrapolationValue: 7});
  closeTo(t, crops, tf.fill([3, 2, 2, 3], 7));
});

test('only the result is kept, forward and backward', t => {
  const [image, where, owner] = [noise<tf.Rank.R4>([1, 4, 4, 3]), boxes([0, 0, 2, 2]), images(0)];
  keepsOnlyResults(t, () => cropAndResize(image, where, owner, {size: [2, 2]}));
  keepsOnlyResults(t, () =>
    tf.grad(x => cropAndResize(x as tf.Tensor4D, where, owner, {size: [2, 2]}))(image),
  );
});

test('errors say what was expected, what came and what to do', t => {
  const image = tf.zeros<tf.Rank.R4>([1, 4, 4, 1]);
  t.throws(() => cropAndResize(image, wrong([1, 5]), images(0), {size: [2, 2]}), {
    message: /boxes must have shape \[K, 4\], got \[1, 5\]. Pass the image number of each box as boxIndices/,
  });
  t.throws(() => cropAndResize(image, tf.zeros([1, 4]), images(0), {size: [0, 2]}), {
    message: /size must be \[height, width\] of 1 or more, got \[0,2\]/,
  });
  t.throws(() => cropAndResize(image, tf.zeros([1, 4]), images(-1), {size: [2, 2]}), {
    message: /(boxIndices\[0\] is -1, but there are 1 images|box 0 belongs to image -1)/,
  });
});
