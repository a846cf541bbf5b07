import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {closeTo, noise} from '../../../support.js';
import {agreesWithCpu, bothEngines, type KernelCase, size, use} from '../againstCpu.js';

test.before(bothEngines);

const cases = fc
  .record({
    x: fc.tuple(size(2), fc.integer({min: 4, max: 8}), fc.integer({min: 4, max: 8}), size(4)),
    kernel: fc.tuple(size(3), size(3)),
    each: size(3),
    strides: fc.tuple(size(2), size(2)),
    pad: fc.constantFrom('same' as const, 'valid' as const),
  })
  .map(({x, kernel, each, strides, pad}) => {
    const filter: [number, number, number, number] = [...kernel, x[3], each];
    const info = tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad, 'floor', true);
    return {x, filter, dy: info.outShape, attrs: {strides, dilations: [1, 1], pad, dimRoundingMode: 'floor'}};
  });

test('in the input', t =>
  agreesWithCpu(
    t,
    cases.map(({x, filter, dy, attrs}): KernelCase => {
      const kernel = 'DepthwiseConv2dNativeBackpropInput';
      return {kernel, inputs: {dy, filter}, attrs: {...attrs, inputShape: x}};
    }),
  ));

test('in the filter', t =>
  agreesWithCpu(
    t,
    cases.map(({x, filter, dy, attrs}): KernelCase => {
      const kernel = 'DepthwiseConv2dNativeBackpropFilter';
      return {kernel, inputs: {x, dy}, attrs: {...attrs, filterShape: filter}};
    }),
  ));

// tfjs's cpu backend ignores the dilation here. A convolution is linear: ⟨f(x), dy⟩ = ⟨x, gradient⟩ holds exactly.
test('a dilation is minded: the gradients are the adjoints of the forward pass', t => {
  use('wasm');
  const attrs = {strides: [1, 1], dilations: [2, 2], pad: 'same', dimRoundingMode: 'floor'};
  const [x, filter] = [noise<tf.Rank.R4>([2, 7, 6, 3]), noise<tf.Rank.R4>([3, 2, 3, 2], 2)];
  const y = tf.depthwiseConv2d(x, filter, 1, 'same', 'NHWC', 2);
  const dy = noise<tf.Rank.R4>(y.shape, 3);
  const inner = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b));
  const run = (kernel: string, inputs: tf.NamedTensorMap, more: object) =>
    tf.engine().runKernel(kernel, inputs, {...attrs, ...more}) as tf.Tensor;
  const dx = run('DepthwiseConv2dNativeBackpropInput', {dy, filter}, {inputShape: x.shape});
  const dFilter = run('DepthwiseConv2dNativeBackpropFilter', {x, dy}, {filterShape: filter.shape});
  closeTo(t, inner(x, dx), inner(y, dy), {tolerance: 1e-4});
  closeTo(t, inner(filter, dFilter), inner(y, dy), {tolerance: 1e-4});
});
