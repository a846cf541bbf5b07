import test from 'ava';
import {epochOrder} from '../../src/train/dataOrder.js';
import {seedFor} from '../../src/train/streams.js';

test('a seed depends on all that it is made of, and on nothing else', t => {
  const seeds = [
    seedFor(0, 'order', 0),
    seedFor(1, 'order', 0),
    seedFor(0, 'order', 1),
    seedFor(0, 'dropout', 0),
    seedFor(0, 'augment', 0, 1),
    seedFor(0, 'augment', 1, 0),
  ];
  t.is(new Set(seeds).size, seeds.length);
  t.is(seedFor(3, 'augment', 5, 7), seedFor(3, 'augment', 5, 7));
});

test('an epoch goes through every image once, in an order of its own', t => {
  const order = epochOrder(100, 7, 0);
  t.deepEqual(
    [...order].sort((a, b) => a - b),
    [...Array(100).keys()],
  );
  t.notDeepEqual(order, epochOrder(100, 7, 1));
  t.deepEqual(order, epochOrder(100, 7, 0));
});
