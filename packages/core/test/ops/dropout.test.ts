import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {philox} from '../../src/engine/portable/philox.js';
import {dropout} from '../../src/ops/dropout.js';
import {closeTo, gradCheck, keepsOnlyResults, noFallbacks, noise, registerOps} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

// The known answers of Random123 1.14, tests/kat_vectors, philox4x32-10.
const knownAnswers = [
  {counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]},
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];
for (const {counter, key, words} of knownAnswers) {
  test(`philox gives the known words for key ${key.map(word => word.toString(16))}`, t => {
    const out = new Uint32Array(4);
    philox(counter, key, out);
    t.deepEqual([...out], words);
  });
}

test('the engine drops exactly the values that philox names', t => {
  const [rate, seed, size] = [0.3, 0xdeadbeef, 4 * 250 + 3];
  const words = new Uint32Array(4);
  const expected = Array.from({length: size}, (_, i) => {
    philox([i >> 2, 0, 0, 0], [seed, 0], words);
    return words[i & 3] >= rate * 2 ** 32 ? 1 / (1 - rate) : 0;
  });
  const y = dropout(tf.ones([size]), {rate, seed});
  closeTo(t, y, tf.tensor1d(expected));
  t.deepEqual(
    [...y.dataSync()].map(value => value === 0),
    expected.map(value => value === 0),
  );
});

test('the share that is dropped is near the rate, and the mean stays', t => {
  const y = dropout(tf.ones([10000]), {rate: 0.2, seed: 5});
  const dropped = tf.mean(tf.cast(tf.equal(y, 0), 'float32')).dataSync()[0];
  t.true(Math.abs(dropped - 0.2) < 0.016, `${dropped}`); // four standard deviations
  t.true(Math.abs(tf.mean(y).dataSync()[0] - 1) < 0.02);
});

test('one seed repeats, another does not; rates 0 and 1 keep and drop everything', t => {
  const x = noise<tf.Rank.R2>([9, 7]);
  const at = (seed: number, rate = 0.5) => [...dropout(x, {rate, seed}).dataSync()];
  t.deepEqual(at(1), at(1));
  t.notDeepEqual(at(1), at(2));
  t.deepEqual(at(1, 0), [...x.dataSync()]);
  t.true(at(1, 1).every(value => value === 0));
});

test('the gradient goes through the same mask', t => {
  const x = noise<tf.Rank.R2>([5, 4]);
  const options = {rate: 0.4, seed: 77};
  closeTo(t, tf.grad(x => tf.sum(dropout(x, options)))(x), dropout(tf.onesLike(x), options));
  gradCheck(t, x => dropout(x, options), x);
});

test('only the result is kept, forward and backward', t => {
  const x = noise<tf.Rank.R1>([8]);
  keepsOnlyResults(t, () => dropout(x, {rate: 0.5, seed: 1}));
  keepsOnlyResults(t, () => tf.grad(x => dropout(x, {rate: 0.5, seed: 1}))(x));
});

test('errors say what was expected, what came and what to do', t => {
  const x = tf.zeros([2]);
  t.throws(() => dropout(x, {rate: 1.5, seed: 1}), {message: /rate must be in \[0, 1\], got 1\.5/});
  t.throws(() => dropout(x, {rate: 0.5, seed: -1}), {
    message: /seed must be an integer in \[0, 2\^32\), got -1/,
  });
});
