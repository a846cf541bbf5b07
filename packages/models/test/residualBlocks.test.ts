import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {ZeroPadShortcut} from '../src/residualBlocks.js';
import {ResNetCifar} from '../src/resNetCifar.js';

test.before(async () => {
  await selectEngine();
});

test('the shortcut without parameters takes every other pixel and puts zeros on both sides of its channels', t => {
  // Pixel (y, x) is 10y + x; its second channel is the negative.
  const pixels = [0, 1, 2, 10, 11, 12, 20, 21, 22].flatMap(value => [value, -value]);
  const y = new ZeroPadShortcut(2, 2).forward(tf.tensor4d(pixels, [1, 3, 3, 2]));
  t.deepEqual(y.shape, [1, 2, 2, 4]);
  t.deepEqual(
    [...y.dataSync()].map(value => value + 0),
    [0, 2, 20, 22].flatMap(value => [0, value, 0 - value, 0]),
  );
});

test('depths that the paper does not know are refused', t => {
  t.throws(() => new ResNetCifar(18), {message: /6n \+ 2 \(20, 32, 44, 56, 110\), got 18/});
});
