import {type Dataset, subset} from '@foveal/data';
import test from 'ava';
import {shapeGroups} from '../../src/detection/shapeGroups.js';
import {epochOrder} from '../../src/train/dataOrder.js';

const upright = (index: number) => index % 3 === 0;
const dataset: Dataset = {
  length: 20,
  categories: ['a'],
  get: () => Promise.reject(new Error('is not to be decoded')),
  sizeOf: index => (upright(index) ? [300, 600] : [640, 480]),
};

test('batches have one shape each, as far as the groups go, and every image once', t => {
  const groups = shapeGroups(dataset)!;
  const order = epochOrder(20, 1, 0, {groups, batchSize: 3});
  t.deepEqual(
    [...order].sort((a, b) => a - b),
    [...Array(20).keys()],
  );
  // 7 upright ones make 2 batches, 13 others 4; one of each is left.
  for (let batch = 0; batch < 6; batch++) {
    const kinds = new Set([...order.subarray(3 * batch, 3 * batch + 3)].map(upright));
    t.is(kinds.size, 1, `batch ${batch}`);
  }
  t.deepEqual(order, epochOrder(20, 1, 0, {groups, batchSize: 3}));
});

test('parts of a dataset know the sizes of their images', t => {
  t.is(shapeGroups(subset(dataset, [0, 1]))?.length, 2);
  t.is(shapeGroups(subset(dataset, [1, 2])), undefined, 'one shape needs no groups');
  const {sizeOf: _, ...silent} = dataset;
  t.is(shapeGroups(silent), undefined);
});
