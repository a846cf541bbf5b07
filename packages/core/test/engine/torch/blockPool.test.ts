import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {torchTest, useTorch} from './torchTest.js';

test.before(useTorch);

const tensors = (count: number, megabytes: number) =>
  Array.from({length: count}, (_, i) => tf.fill([megabytes, 2 ** 18], i + 1));
const held = () => process.memoryUsage.rss() / 2 ** 20;

torchTest('holes between tensors go back to the system when they are too small for the next ones', t => {
  const first = tensors(16, 12);
  tf.dispose(first.filter((_, i) => i % 2));
  const before = held();
  const second = tensors(7, 13);
  t.true(held() - before < 50, `7 tensors of 13 MB after 8 of 12 MB: ${held() - before} MB more`);
  const all = [...first.filter((_, i) => i % 2 === 0), ...second];
  const expected = [1, 3, 5, 7, 9, 11, 13, 15, 1, 2, 3, 4, 5, 6, 7];
  const extremes = all.map(tensor => [tf.min(tensor).dataSync()[0], tf.max(tensor).dataSync()[0]]);
  t.deepEqual(
    extremes,
    expected.map(value => [value, value]),
  );
  tf.dispose(all);
});

torchTest('tensors of many sizes keep their values while others come and go', t => {
  const alive: {tensor: tf.Tensor; value: number}[] = [];
  for (let round = 0; round < 120; round++) {
    const size = 2 ** 18 + ((round * 7919) % 13) * 65_537;
    alive.push({tensor: tf.fill([size], round), value: round});
    if (round % 3 === 0) continue;
    const [{tensor, value}] = alive.splice((round * 31) % alive.length, 1);
    t.deepEqual([tf.min(tensor).dataSync()[0], tf.max(tensor).dataSync()[0]], [value, value]);
    tensor.dispose();
  }
  for (const {tensor, value} of alive) {
    t.deepEqual([tf.min(tensor).dataSync()[0], tf.max(tensor).dataSync()[0]], [value, value]);
    tensor.dispose();
  }
});
