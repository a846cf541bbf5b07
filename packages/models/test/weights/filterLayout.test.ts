import {selectEngine} from '@foveal/core';
import test from 'ava';
import {toFileLayout, toModelLayout} from '../../src/weights/filterLayout.js';

test.before(async () => {
  await selectEngine();
});

// No two sizes alike, so that no two axes can be mistaken for each other.
const [out, inputs, height, width] = [2, 3, 4, 5];
const data = Float32Array.from({length: out * inputs * height * width}, (_, i) => i);

test('a filter [out, in, h, w] becomes [h, w, in, out]', async t => {
  const tensor = toModelLayout({dtype: 'float32', shape: [out, inputs, height, width], data});
  t.deepEqual(tensor.shape, [height, width, inputs, out]);
  const turned = (await tensor.array()) as number[][][][];
  for (const [o, i, y, x] of [
    [0, 0, 0, 1],
    [0, 0, 1, 0],
    [0, 1, 0, 0],
    [1, 0, 0, 0],
    [1, 2, 3, 4],
  ]) {
    t.is(turned[y][x][i][o], ((o * inputs + i) * height + y) * width + x);
  }
  const back = await toFileLayout(tensor);
  t.deepEqual(back, {dtype: 'float32', shape: [out, inputs, height, width], data});
});

test('matrices, vectors and scalars stay as they are; integers stay integers', async t => {
  const matrix = toModelLayout({dtype: 'float32', shape: [4, 30], data});
  t.deepEqual([matrix.shape, [...matrix.dataSync()]], [[4, 30], [...data]]);
  const indices = toModelLayout({dtype: 'int32', shape: [1, 2, 1, 2], data: Int32Array.of(1, 2, 3, 4)});
  t.deepEqual([indices.shape, indices.dtype, [...indices.dataSync()]], [[1, 2, 2, 1], 'int32', [1, 3, 2, 4]]);
  t.deepEqual(await toFileLayout(indices), {
    dtype: 'int32',
    shape: [1, 2, 1, 2],
    data: Int32Array.of(1, 2, 3, 4),
  });
  const counter = toModelLayout({dtype: 'int64', shape: [], data: Float64Array.of(7)});
  t.deepEqual([counter.shape, counter.dtype, [...counter.dataSync()]], [[], 'int32', [7]]);
});
