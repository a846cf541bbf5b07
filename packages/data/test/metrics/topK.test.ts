import {topK} from '@foveal/data';
import test from 'ava';

test('a label counts from its rank on', t => {
  // Ranks of the labels: 0, 1, 2.
  const scores = Float32Array.of(3, 1, 2, 2, 3, 1, 1, 2, 3);
  t.deepEqual(topK(scores, Int32Array.of(0, 0, 0), {ks: [1, 2, 3]}), {1: 1 / 3, 2: 2 / 3, 3: 1});
});

test('of equal scores the lower class comes first, and what is no number never counts', t => {
  const flat = Float32Array.of(1, 1, 1);
  t.is(topK(flat, [0], {ks: [1]})[1], 1);
  t.is(topK(flat, [2], {ks: [2]})[2], 0);
  t.is(topK(Float32Array.of(Number.NaN, 1), [0], {ks: [1, 2]})[2], 0);
});

test('more than all classes is all of them', t => {
  t.deepEqual(topK([1, 2], [0], {ks: [5]}), {5: 1});
});

test('rows without a label are left out, and no rows give null', t => {
  t.deepEqual(topK([1, 2, 2, 1], [-1, 0], {ks: [1]}), {1: 1});
  t.deepEqual(topK([1, 2], [-1], {ks: [1]}), {1: null});
  t.deepEqual(topK([], []), {1: null, 5: null});
});

test('sizes that do not agree and labels that are no class are refused', t => {
  t.throws(() => topK([1, 2, 3], [0, 1]), {
    instanceOf: RangeError,
    message: /3 scores cannot be shared by 2/,
  });
  t.throws(() => topK([1, 2], [2]), {message: /label 2 of row 0 is not one of 2 classes/});
});
