import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {noise} from '../../../support.js';
import {agreesWithCpu, bothEngines, type KernelCase, size} from '../againstCpu.js';

test.before(bothEngines);

// Halves between −1 and 1, so that comparisons meet equal values as well.
const halves = (shape: number[], seed: number) => () =>
  tf.div(tf.round(tf.mul(noise(shape as never, seed), 2)), 2) as tf.Tensor;

const shapes = fc.tuple(size(3), size(4), size(5)).chain(full =>
  fc
    .tuple(fc.constant(full), fc.subarray([0, 1, 2]), fc.subarray([0, 1, 2]), fc.nat(2))
    .map(([shape, left, right, drop]) => ({
      a: shape.map((n, axis) => (left.includes(axis) ? 1 : n)),
      b: shape.map((n, axis) => (right.includes(axis) ? 1 : n)).slice(drop),
    })),
);

for (const kernel of [
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'Maximum',
  'Minimum',
  'Atan2',
]) {
  test(`${kernel} repeats either operand along any axes`, t =>
    agreesWithCpu(
      t,
      shapes.map(({a, b}): KernelCase => ({kernel, inputs: {a: halves(a, 1), b: halves(b, 2)}, attrs: {}})),
      {runs: 25},
    ));
}
