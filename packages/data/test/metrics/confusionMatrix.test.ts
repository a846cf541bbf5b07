import {confusionMatrix, confusionScores} from '@foveal/data';
import test from 'ava';

const names = ['cat', 'dog', 'cow'];

test('precision looks down a column, recall along a row', t => {
  // Two cats, one taken for a dog; two dogs, both right; no cow, and none predicted.
  const matrix = confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], {classes: 3});
  const scores = confusionScores(matrix, names);
  t.deepEqual(scores.matrix, [
    [1, 1, 0],
    [0, 2, 0],
    [0, 0, 0],
  ]);
  t.is(scores.accuracy, 3 / 4);
  t.deepEqual(scores.classes, [
    {name: 'cat', precision: 1, recall: 1 / 2, f1: 2 / 3, support: 2},
    {name: 'dog', precision: 2 / 3, recall: 1, f1: 4 / 5, support: 2},
    {name: 'cow', precision: null, recall: null, f1: null, support: 0},
  ]);
  t.deepEqual(JSON.parse(JSON.stringify(scores)), scores);
});

test('counts add up over batches', t => {
  const first = confusionMatrix([0, 1], [0, 0], {classes: 2});
  confusionMatrix([1, 1], [1, 0], {classes: 2, into: first});
  t.deepEqual(Array.from(first.counts), [1, 0, 2, 1]);
});

test('ignored and negative labels do not count, whatever is predicted there', t => {
  const {counts} = confusionMatrix([255, -1, 0], [7, 7, 1], {classes: 2, ignoreIndex: 255});
  t.deepEqual(Array.from(counts), [0, 1, 0, 0]);
});

test('wrong lengths, classes out of range and a matrix of another size are refused', t => {
  t.throws(() => confusionMatrix([0], [0, 1], {classes: 2}), {message: /got 2 and 1/});
  t.throws(() => confusionMatrix([0], [2], {classes: 2}), {message: /label 0 and prediction 2 at 0/});
  t.throws(() => confusionMatrix([2], [0], {classes: 2}), {message: /label 2 and prediction 0 at 0/});
  const other = confusionMatrix([], [], {classes: 3});
  t.throws(() => confusionMatrix([0], [0], {classes: 2, into: other}), {message: /into has 3 classes/});
});
