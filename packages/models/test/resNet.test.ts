import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {features} from '../src/features.js';
import {resNet18, resNet50} from '../src/resNet.js';
import {shapesOnly} from '../src/shapesOnly.js';
import {blank} from './blank.js';

test.before(async () => {
  await selectEngine();
});

test('dilation keeps the size of the maps and the work of a filter', t => {
  const rows = shapesOnly(() =>
    (
      [
        [false, false, false],
        [false, false, true],
        [false, true, true],
      ] as const
    ).map(replaceStrideWithDilation => {
      const model = resNet50({replaceStrideWithDilation, random: blank()}).eval();
      const sides = features(model, tf.zeros([1, 224, 224, 3])).map(({shape}) => shape[1]);
      const strides = model.featureMaps.map(({stride}) => stride);
      const count = model.numParameters();
      model.dispose();
      return {sides, strides, count};
    }),
  );
  t.deepEqual(rows, [
    {sides: [56, 28, 14, 7], strides: [4, 8, 16, 32], count: 25_557_032},
    {sides: [56, 28, 14, 14], strides: [4, 8, 16, 16], count: 25_557_032},
    {sides: [56, 28, 28, 28], strides: [4, 8, 8, 8], count: 25_557_032},
  ]);
  t.throws(() => resNet18({replaceStrideWithDilation: [false, false, true]}), {
    message: /18 layers.*50, 101 or 152/,
  });
});
