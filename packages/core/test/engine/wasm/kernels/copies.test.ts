import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {agreesWithCpu, bothEngines, type KernelCase, size, use} from '../againstCpu.js';

// Of tile, slice, concat, reverse, stridedSlice, unpack and gather, and of gather's gradient: they move values and keep them.
test.before(bothEngines);

const shapes = fc.array(size(5), {minLength: 1, maxLength: 4});
const exact = {tolerance: 0};

test('tile', t =>
  agreesWithCpu(
    t,
    fc
      .oneof(shapes, fc.tuple(size(90)))
      .chain(x =>
        fc
          .tuple(...x.map(() => size(4)))
          .map((reps): KernelCase => ({kernel: 'Tile', inputs: {x}, attrs: {reps}})),
      ),
    exact,
  ));

test('slice', t =>
  agreesWithCpu(
    t,
    shapes.chain(x =>
      fc
        .tuple(...x.map(n => fc.nat(n - 1).chain(begin => fc.tuple(fc.constant(begin), size(n - begin)))))
        .map((parts): KernelCase => {
          const attrs = {begin: parts.map(([begin]) => begin), size: parts.map(([, length]) => length)};
          return {kernel: 'Slice', inputs: {x}, attrs};
        }),
    ),
    exact,
  ));

test('concat', t =>
  agreesWithCpu(
    t,
    fc.tuple(shapes, fc.array(size(40), {minLength: 1, maxLength: 3})).chain(([x, sizes]) =>
      fc.nat(x.length - 1).map((axis): KernelCase => {
        const parts = sizes.map(n => x.map((length, i) => (i === axis ? n : length)));
        // An array of inputs, as tf.concat passes it.
        return {kernel: 'Concat', inputs: parts as unknown as KernelCase['inputs'], attrs: {axis}};
      }),
    ),
    exact,
  ));

test('reverse', t =>
  agreesWithCpu(
    t,
    shapes.chain(x =>
      fc
        .subarray(x.map((_, axis) => axis))
        .map((dims): KernelCase => ({kernel: 'Reverse', inputs: {x}, attrs: {dims}})),
    ),
    exact,
  ));

test('unpack', t =>
  agreesWithCpu(
    t,
    shapes.chain(value =>
      fc
        .nat(value.length - 1)
        .map((axis): KernelCase => ({kernel: 'Unpack', inputs: {value}, attrs: {axis}})),
    ),
    exact,
  ));

test('stridedSlice, forwards and backwards, with open ends', t =>
  agreesWithCpu(
    t,
    fc
      .tuple(
        fc.array(fc.integer({min: 3, max: 7}), {minLength: 3, maxLength: 3}),
        size(3),
        size(3),
        fc.nat(7),
        fc.nat(7),
      )
      .map(
        ([x, down, across, beginMask, endMask]): KernelCase => ({
          kernel: 'StridedSlice',
          inputs: {x},
          attrs: {
            begin: [1, x[1] - 1, 0],
            end: [x[0], 0, x[2] - 1],
            strides: [down, -across, across],
            beginMask,
            endMask,
            ellipsisMask: 0,
            newAxisMask: 0,
            shrinkAxisMask: 0,
          },
        }),
      ),
    exact,
  ));

test('gather along any axis', t =>
  agreesWithCpu(
    t,
    shapes.chain(x =>
      fc.nat(x.length - 1).chain(axis =>
        fc.array(fc.nat(x[axis] - 1), {minLength: 1, maxLength: 6}).map((rows): KernelCase => {
          return {
            kernel: 'GatherV2',
            inputs: {x, indices: Int32Array.from(rows)},
            attrs: {axis, batchDims: 0},
          };
        }),
      ),
    ),
    exact,
  ));

test('gather of each batch by its own rows', t =>
  agreesWithCpu(
    t,
    fc.tuple(size(3), size(4), size(3), size(3)).map(([batch, rows, width, count]): KernelCase => {
      const indices = () =>
        tf.tensor2d(
          Array.from({length: batch * count}, (_, i) => (i * 5 + 1) % rows),
          [batch, count],
          'int32',
        );
      return {
        kernel: 'GatherV2',
        inputs: {x: [batch, rows, width], indices},
        attrs: {axis: 1, batchDims: 1},
      };
    }),
    exact,
  ));

test('segment sums, rows of a negative number left out', t =>
  agreesWithCpu(
    t,
    fc
      .tuple(fc.array(fc.integer({min: -1, max: 4}), {minLength: 1, maxLength: 8}), size(5))
      .map(([rows, width]): KernelCase => {
        const segmentIds = Int32Array.from(rows);
        return {
          kernel: 'UnsortedSegmentSum',
          inputs: {x: [rows.length, width], segmentIds},
          attrs: {numSegments: 5},
        };
      }),
  ));

test('integers and booleans keep their type', t => {
  use('wasm');
  const flags = tf.tile(tf.tensor1d([true, false], 'bool'), [2]);
  t.is(flags.dtype, 'bool');
  t.deepEqual([...flags.dataSync()], [1, 0, 1, 0]);
  t.deepEqual([...tf.reverse(tf.tensor1d([1, 2, 3], 'int32')).dataSync()], [3, 2, 1]);
  t.deepEqual(
    tf.unstack(tf.tensor2d([[1], [2]], [2, 1], 'int32')).map(part => part.dtype),
    ['int32', 'int32'],
  );
});

test('gathering a row that is not there says which', t => {
  use('wasm');
  t.throws(() => tf.gather(tf.zeros([3, 2]), tf.tensor1d([0, 3], 'int32')), {
    message: /3 is not in \[0, 2\]/,
  });
});
