import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {averageOrientations} from '../../src/segmentation/averageOrientations.js';
import {predictClasses} from '../../src/segmentation/predictClasses.js';

test.before(() => selectEngine());

const images = () => tf.randomNormal([2, 5, 8, 3], 0, 1, 'float32', 3) as tf.Tensor4D;
const furthest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);

test.serial('what does not depend on how an image lies comes back as it was', t => {
  const x = images();
  const expected = tf.square(x);
  for (const orientations of [1, 2, 4, 8] as const) {
    const before = tf.memory().numTensors;
    const mean = averageOrientations(x, orientations, seen => tf.square(seen));
    t.is(tf.memory().numTensors, before + 1);
    t.true(furthest(mean, expected) < 1e-6, `${orientations}`);
  }
});

test.serial('what depends on it is averaged over all ways that it may lie', t => {
  /** The column of each pixel. */
  const columns = (seen: tf.Tensor4D) =>
    tf.tidy(() => {
      const [batch, height, width] = seen.shape;
      return tf.tile(tf.reshape(tf.range(0, width), [1, 1, width, 1]), [batch, height, 1, 1]) as tf.Tensor4D;
    });
  for (const [orientations, mean] of [
    [2, 3.5],
    [4, 3.5],
    [8, (3.5 + 2) / 2],
  ] as const) {
    t.true(furthest(averageOrientations(images(), orientations, columns), tf.scalar(mean)) < 1e-6);
  }
});

test.serial('the views decide together, by what they think probable', async t => {
  // Sure of the first class in the left half and half as sure of the second in the right half.
  const network = {
    forward: (x: tf.Tensor4D) =>
      tf.tidy(() => {
        const row = tf.tensor([4, 4, 4, 4, -2, -2, -2, -2], [1, 1, 8, 1]);
        const first = tf.tile(row, [x.shape[0], x.shape[1], 1, 1]);
        return tf.concat([first, tf.zerosLike(first)], 3) as tf.Tensor4D;
      }),
  };
  const [one, two] = await Promise.all(
    ([1, 2] as const).map(orientations =>
      predictClasses(network as never, images(), {classes: 2, orientations}),
    ),
  );
  t.deepEqual([...one.subarray(0, 8)], [0, 0, 0, 0, 1, 1, 1, 1]);
  t.deepEqual([...two.subarray(0, 8)], [0, 0, 0, 0, 0, 0, 0, 0]);
});
