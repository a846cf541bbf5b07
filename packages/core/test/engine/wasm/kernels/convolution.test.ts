import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {conv2d, outputSize} from '../../../../src/ops/conv2d.js';
import {closeTo, gradCheck, noise} from '../../../support.js';
import {agreesWithCpu, bothEngines, type KernelCase, size, use} from '../againstCpu.js';

test.before(bothEngines);

const two = (arbitrary: fc.Arbitrary<number>) => fc.tuple(arbitrary, arbitrary);
// Above 11 channels the filter gradient takes another path.
const geometries = fc
  .record({
    batch: size(3),
    extra: two(fc.nat(7)),
    channels: fc.oneof(size(4), fc.integer({min: 11, max: 20})),
    outputs: size(9),
    kernel: two(size(4)),
    strides: two(size(3)),
    dilations: two(size(3)),
    padding: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4)),
  })
  .map(({batch, extra, channels, outputs, kernel, strides, dilations, padding}) => {
    const [height, width] = [0, 1].map(axis => 1 + (kernel[axis] - 1) * dilations[axis] + extra[axis]);
    const outHeight = outputSize(height, kernel[0], padding[0] + padding[1], strides[0], dilations[0]);
    const outWidth = outputSize(width, kernel[1], padding[2] + padding[3], strides[1], dilations[1]);
    return {
      x: [batch, height, width, channels],
      filter: [...kernel, channels, outputs],
      dy: [batch, outHeight, outWidth, outputs],
      bias: [outputs],
      attrs: {strides, dilations, padding, groups: 1},
    };
  });

test('forward, with any padding, stride and dilation, and with a bias', t =>
  agreesWithCpu(
    t,
    geometries.map(({x, filter, bias, attrs}): KernelCase => {
      return {kernel: 'Convolution', inputs: {x, filter, bias}, attrs};
    }),
  ));

test('the gradient in the input', t =>
  agreesWithCpu(
    t,
    geometries.map(({x, filter, dy, attrs}): KernelCase => {
      return {kernel: 'ConvolutionInputGrad', inputs: {dy, filter}, attrs: {...attrs, inputShape: x}};
    }),
  ));

test('the gradient in the filter', t =>
  agreesWithCpu(
    t,
    geometries.map(({x, filter, dy, attrs}): KernelCase => {
      return {kernel: 'ConvolutionFilterGrad', inputs: {x, dy}, attrs: {...attrs, filterShape: filter}};
    }),
  ));

// Large enough for bands of one image, and for several images of which the last are fewer.
for (const [shape, outputs, stride, dilation] of [
  [[2, 40, 40, 64], 64, 1, 1],
  [[1, 64, 80, 40], 100, 2, 1],
  [[1, 40, 44, 64], 64, 1, 2],
  [[11, 7, 7, 64], 64, 1, 1],
  [[7, 40, 40, 2], 3, 2, 1],
] as const) {
  const [batch, height, width, channels] = shape;
  test(`the gradient in the filter in parts: ${shape} to ${outputs}, stride ${stride}, dilation ${dilation}`, t => {
    const filterShape = [3, 3, channels, outputs];
    const out = (length: number) => outputSize(length, 3, 2, stride, dilation);
    const x = noise<tf.Rank.R4>([batch, height, width, channels]);
    const dy = noise<tf.Rank.R4>([batch, out(height), out(width), outputs], 2);
    const attrs = {
      strides: [stride, stride],
      dilations: [dilation, dilation],
      padding: [1, 1, 1, 1],
      groups: 1,
      filterShape,
    };
    use('wasm');
    const ours = tf.engine().runKernel('ConvolutionFilterGrad', {x, dy}, attrs) as tf.Tensor;
    // Linear in dy: each tap is a product of two matrices, and here the sum over one row of taps at a time.
    const expected = tf.tidy(() => {
      const padded = tf.pad(x, [
        [0, 0],
        [1, 1 + stride],
        [1, 1 + stride],
        [0, 0],
      ]);
      const taps = Array.from({length: 9}, (_, tap) => {
        const [top, left] = [Math.floor(tap / 3) * dilation, (tap % 3) * dilation];
        const moved = tf.stridedSlice(
          padded,
          [0, top, left, 0],
          [batch, top + (dy.shape[1] - 1) * stride + 1, left + (dy.shape[2] - 1) * stride + 1, channels],
          [1, stride, stride, 1],
        );
        return tf.matMul(tf.reshape(moved, [-1, channels]), tf.reshape(dy, [-1, outputs]), true, false);
      });
      return tf.reshape(tf.stack(taps), filterShape);
    });
    closeTo(t, ours, expected, {tolerance: 1e-5});
  });
}

const tfjsCases = fc
  .record({
    x: fc.tuple(size(2), fc.integer({min: 4, max: 9}), fc.integer({min: 4, max: 9}), size(3)),
    kernel: two(size(4)),
    outputs: size(4),
    strides: two(size(2)),
    pad: fc.constantFrom('same', 'valid'),
  })
  .map(({x, kernel, outputs, strides, pad}) => {
    const filter = [...kernel, x[3], outputs] as [number, number, number, number];
    const info = tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad as 'same');
    return {x, filter, dy: info.outShape, attrs: {strides, pad, dataFormat: 'NHWC'}};
  });

test('the gradients of tf.conv2d too', t => {
  agreesWithCpu(
    t,
    tfjsCases.map(({x, filter, dy, attrs}): KernelCase => {
      return {kernel: 'Conv2DBackpropInput', inputs: {dy, filter}, attrs: {...attrs, inputShape: x}};
    }),
  );
  agreesWithCpu(
    t,
    tfjsCases.map(({x, filter, dy, attrs}): KernelCase => {
      return {kernel: 'Conv2DBackpropFilter', inputs: {x, dy}, attrs: {...attrs, filterShape: filter}};
    }),
  );
});

for (const groups of [2, 4]) {
  test(`central differences agree, with a stride, a dilation and ${groups} groups`, t => {
    use('wasm');
    const options = {stride: 2, dilation: 2, padding: [2, 1], groups} as const;
    const x = noise<tf.Rank.R4>([2, 6, 7, 4]);
    const filter = noise<tf.Rank.R4>([2, 3, 4 / groups, 4], 2);
    gradCheck(t, value => conv2d(value, filter, null, options), x);
    gradCheck(t, value => conv2d(x, value, null, options), filter);
  });
}

test('tf.conv2d in channels first is refused with what to do', t => {
  use('wasm');
  const attrs = {strides: [1, 1], pad: 'same', dataFormat: 'NCHW', filterShape: [3, 3, 1, 1]};
  const inputs = {x: tf.zeros([1, 1, 4, 4]), dy: tf.zeros([1, 1, 4, 4])};
  t.throws(() => tf.engine().runKernel('Conv2DBackpropFilter', inputs, attrs), {
    message: /got 'NCHW'.*Transpose/,
  });
});
