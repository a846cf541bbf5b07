import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {noise} from '../../../support.js';
import {agreesWithCpu, bothEngines, type KernelCase, size, use} from '../againstCpu.js';

test.before(bothEngines);

const cases = fc
  .record({
    input: fc.tuple(size(2), fc.integer({min: 3, max: 8}), fc.integer({min: 3, max: 8}), size(4)),
    filterSize: fc.tuple(size(3), size(3)),
    strides: fc.tuple(size(3), size(3)),
    pad: fc.constantFrom('same' as const, 'valid' as const),
  })
  .map(attrs => ({
    ...attrs,
    dy: tf.backend_util.computePool2DInfo(attrs.input, attrs.filterSize, attrs.strides, 1, attrs.pad)
      .outShape,
  }));

test('max-pooling, of negative values as well', t =>
  agreesWithCpu(
    t,
    fc
      .tuple(cases, fc.constantFrom(0, -5))
      .map(([{input, dy, filterSize, strides, pad}, shift]): KernelCase => {
        const values = () => tf.add(noise<tf.Rank.R4>(input), shift);
        return {
          kernel: 'MaxPoolGrad',
          inputs: {dy, input: values, output: dy},
          attrs: {filterSize, strides, pad},
        };
      }),
  ));

test('average-pooling', t =>
  agreesWithCpu(
    t,
    cases.map(({input, dy, filterSize, strides, pad}): KernelCase => {
      return {kernel: 'AvgPoolGrad', inputs: {dy, input}, attrs: {filterSize, strides, pad}};
    }),
  ));

test('of equal values the first takes the gradient', t => {
  use('wasm');
  const f = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
  t.deepEqual(
    [
      ...tf
        .grad(f)(tf.fill([1, 2, 2, 1], -3))
        .dataSync(),
    ],
    [1, 0, 0, 0],
  );
});
