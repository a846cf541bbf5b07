import test from 'ava';
import fc from 'fast-check';
import {agreesWithCpu, bothEngines, type KernelCase, size} from '../againstCpu.js';

test.before(bothEngines);

const shapes = fc.record({
  batch: fc.constantFrom<[number[], number[]]>(
    [[], []],
    [[1], [1]],
    [[3], [3]],
    [[3], [1]],
    [[1], [2]],
    [
      [2, 3],
      [2, 3],
    ],
    [
      [2, 1],
      [1, 3],
    ],
  ),
  m: size(40),
  k: size(40),
  n: size(40),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

// Sizes around 4096 multiplications are where ours takes over from the library's own kernel.
test('products of every orientation, in batches that are equal or repeat', t =>
  agreesWithCpu(
    t,
    shapes.map(({batch: [left, right], m, k, n, transposeA, transposeB}): KernelCase => {
      const a = [...left, ...(transposeA ? [k, m] : [m, k])];
      const b = [...right, ...(transposeB ? [n, k] : [k, n])];
      return {kernel: 'BatchMatMul', inputs: {a, b}, attrs: {transposeA, transposeB}};
    }),
    {runs: 100},
  ));

test('with a bias and an activation', t =>
  agreesWithCpu(
    t,
    shapes.map(({m, k, n, transposeA, transposeB}): KernelCase => {
      const a = [1, ...(transposeA ? [k, m] : [m, k])];
      const b = [1, ...(transposeB ? [n, k] : [k, n])];
      const attrs = {transposeA, transposeB, activation: 'relu'};
      return {kernel: '_FusedMatMul', inputs: {a, b, bias: [n]}, attrs};
    }),
  ));
