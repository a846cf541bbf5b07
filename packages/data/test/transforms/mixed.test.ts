import {Random, selectEngine, softmaxCrossEntropy} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {beta} from '../../src/transforms/beta.js';
import {cutmix} from '../../src/transforms/cutmix.js';
import {mixup} from '../../src/transforms/mixup.js';

test.before(async () => {
  await selectEngine('cpu');
});

/** Image i is all i, with label i. */
const batchOf = (count: number, height = 4, width = 6) => ({
  images: tf.tidy(
    () =>
      tf.mul(tf.reshape(tf.range(0, count), [count, 1, 1, 1]), tf.ones([1, height, width, 3])) as tf.Tensor4D,
  ),
  labels: tf.range(0, count, 1, 'int32'),
});

test('mixup blends each image with the one before it, by the weight that the labels get', t => {
  const random = new Random(3);
  for (const count of [1, 2, 5]) {
    const mixed = mixup({alpha: 1})(batchOf(count), random);
    t.deepEqual([...mixed.labels.dataSync()], [...Array(count).keys()]);
    t.deepEqual(
      [...mixed.otherLabels.dataSync()],
      [...Array(count).keys()].map(i => (i + count - 1) % count),
    );
    t.is(mixed.otherLabels.dtype, 'int32');
    mixed.images.dataSync().forEach((value, i) => {
      const image = Math.floor(i / 72);
      const expected = mixed.weight * image + (1 - mixed.weight) * ((image + count - 1) % count);
      t.true(Math.abs(value - expected) < 1e-5);
    });
  }
});

test('cutmix shows the one before in a rectangle, of the area that its label gets', t => {
  const random = new Random(3);
  const weights: number[] = [];
  for (let i = 0; i < 40; i++) {
    const {images, otherLabels, weight} = cutmix()(batchOf(3, 20, 30), random);
    const pixels = images.arraySync();
    const other = otherLabels.dataSync();
    pixels.forEach((image, n) => {
      const foreign: [number, number][] = [];
      image.forEach((row, y) => {
        row.forEach((pixel, x) => {
          t.true(pixel.every(value => value === n || value === other[n]));
          if (pixel[0] === other[n]) foreign.push([x, y]);
        });
      });
      t.true(Math.abs(foreign.length - (1 - weight) * 600) < 1e-6);
      const sides = [0, 1].map(axis => new Set(foreign.map(place => place[axis])).size);
      t.is(sides[0] * sides[1], foreign.length, 'the pixels fill a rectangle');
    });
    weights.push(weight);
  }
  t.true(Math.min(...weights) < 0.5 && Math.max(...weights) > 0.9);
});

test('the weighted losses are the cross-entropy of the soft labels', t => {
  const logits = tf.tensor2d([0.3, -1, 2, 0.1, 0.7, -0.4], [2, 3]);
  const {labels, otherLabels, weight} = mixup({alpha: 1})(batchOf(2), new Random(8));
  const loss = (target: tf.Tensor1D) => (softmaxCrossEntropy(logits, target) as tf.Scalar).dataSync()[0];
  const soft = [0, 1].map(i => [0, 1, 2].map(c => (c === i ? weight : c === 1 - i ? 1 - weight : 0)));
  const expected = -tf.mean(tf.sum(tf.mul(tf.tensor2d(soft), tf.logSoftmax(logits)), 1)).dataSync()[0];
  t.true(Math.abs(weight * loss(labels) + (1 - weight) * loss(otherLabels) - expected) < 1e-6);
});

test('only the result is kept, and the batch stays', t => {
  const batch = batchOf(4);
  const before = tf.memory().numTensors;
  for (const mix of [mixup(), cutmix()]) {
    const {images, labels, otherLabels} = mix(batch, new Random(1));
    t.is(tf.memory().numTensors, before + 3);
    tf.dispose([images, labels, otherLabels]);
  }
  t.deepEqual([...batch.labels.dataSync()], [0, 1, 2, 3]);
});

for (const alpha of [0.1, 0.5, 1, 3]) {
  test(`shares have the mean and the variance of Beta(${alpha}, ${alpha})`, t => {
    const random = new Random(11);
    const count = 20_000;
    const shares = Array.from({length: count}, () => beta(alpha, random));
    const mean = shares.reduce((sum, share) => sum + share, 0) / count;
    const spread = shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / count;
    const variance = 1 / (4 * (2 * alpha + 1));
    t.true(Math.abs(mean - 0.5) < 5 * Math.sqrt(variance / count), `mean ${mean}`);
    // No squared deviation passes a quarter, so neither does their spread.
    t.true(Math.abs(spread - variance) < (5 * 0.125) / Math.sqrt(count), `variance ${spread}`);
    t.true(shares.every(share => share >= 0 && share <= 1));
  });
}

test('an alpha that is no positive number is refused', t => {
  t.throws(() => mixup({alpha: 0}), {message: /mixup: alpha must be a positive number, got 0/});
  t.throws(() => cutmix({alpha: Number.NaN}), {message: /cutmix: alpha .* got NaN/});
});
