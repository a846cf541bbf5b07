import {Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, type GoldenTensor, golden, registerOps, tensor} from '../../../core/test/support.js';
import {pca} from '../../src/autoencoder/pca.js';
import {symmetricEigen} from '../../src/autoencoder/symmetricEigen.js';

test.before(registerOps);

test('eigenvectors of a known matrix are found', t => {
  // 2 − 1 on a chain of n has the values 2 − 2 cos(k π / (n + 1)).
  const n = 12;
  const matrix = Array.from({length: n * n}, (_, at) => {
    const distance = Math.abs(Math.floor(at / n) - (at % n));
    return distance === 0 ? 2 : distance === 1 ? -1 : 0;
  });
  const {values, vectors} = symmetricEigen(matrix, n, 3);
  t.is(vectors.length, 3);
  for (let k = 0; k < n; k++)
    t.true(Math.abs(values[k] - (2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)))) < 1e-12);
});

test('vectors of any symmetric matrix are its own, of unit length, and orthogonal; those of equal values too', t => {
  const random = new Random(1);
  const same = Array.from({length: 25}, (_, i) => (i % 6 === 0 ? 3 : 0));
  const rank1 = Array.from({length: 36}, (_, i) => (1 + Math.floor(i / 6)) * (1 + (i % 6)));
  const any = new Float64Array(30 * 30);
  for (let i = 0; i < 30; i++)
    for (let k = 0; k <= i; k++) any[i * 30 + k] = any[k * 30 + i] = random.normal();
  const cases: [ArrayLike<number>, number][] = [
    [any, 30],
    [same, 5],
    [rank1, 6],
    [new Float64Array(9), 3],
    [[5], 1],
    [[2, 1, 1, 2], 2],
  ];
  for (const [matrix, n] of cases) {
    const {values, vectors} = symmetricEigen(matrix, n);
    for (const [v, vector] of vectors.entries()) {
      for (let i = 0; i < n; i++) {
        const product = vector.reduce((sum, value, k) => sum + matrix[i * n + k] * value, 0);
        t.true(Math.abs(product - values[v] * vector[i]) < 1e-10 * (1 + Math.abs(values[0])));
      }
      for (const [w, other] of vectors.entries()) {
        const product = vector.reduce((sum, value, k) => sum + value * other[k], 0);
        t.true(Math.abs(product - Number(v === w)) < 1e-12);
      }
    }
    t.deepEqual(
      [...values],
      [...values].sort((a, b) => b - a),
    );
  }
  t.throws(() => symmetricEigen([1, 2, 3], 2), {message: /2 × 2 values, got 3/});
  t.throws(() => symmetricEigen([Number.NaN], 1), {message: /infinite or no numbers/});
});

test('eigenvalues of very small and very large matrices, and of those of low rank, are found', t => {
  const random = new Random(2);
  for (const scale of [1e-300, 1e-20, 1e300]) {
    const row = Array.from({length: 30}, (_, i) => random.normal() * (i % 3 ? 1 : 1e-9));
    const length = row.reduce((sum, value) => sum + value * value, 0);
    const {values} = symmetricEigen(
      row.flatMap(a => row.map(b => a * b * scale)),
      30,
    );
    t.true(Math.abs(values[0] / scale / length - 1) < 1e-12);
    t.true(values.slice(1).every(value => Math.abs(value) <= 1e-14 * values[0]));
  }
});

test('principal components are numpy’s, by order and sign', async t => {
  const [{inputs, outputs}] = golden<{
    inputs: {data: GoldenTensor};
    outputs: Record<'components' | 'variances' | 'codes', GoldenTensor>;
  }>('pca');
  const data = tensor<tf.Tensor2D>(inputs.data);
  const found = await pca(data, 3);
  closeTo(t, found.components, tensor(outputs.components));
  closeTo(t, tf.tensor1d([...found.variances]), tensor(outputs.variances));
  closeTo(t, found.encode(data), tensor(outputs.codes));
  found.dispose();
});

test('all components give the data back, fewer leave the variance of those that lack', async t => {
  const data = tf.randomNormal([40, 5], 2, 1, 'float32', 3) as tf.Tensor2D;
  const all = await pca(data, 5);
  closeTo(t, all.decode(all.encode(data)), data);
  const two = await pca(data, 2);
  const lost = tf.sum(tf.squaredDifference(two.decode(two.encode(data)), data)).dataSync()[0] / 39;
  const left = two.variances.slice(2).reduce((sum, one) => sum + one, 0);
  t.true(Math.abs(lost - left) < 1e-4 * left);
  await t.throwsAsync(pca(data, 6), {message: /from 1 to 5/});
  await t.throwsAsync(pca(tf.zeros([1, 3]), 1), {message: /at least 2 rows/});
});
