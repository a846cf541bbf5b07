import {join} from 'node:path';
import {
  AnnotationError,
  type CocoScoringOptions,
  cocoEval,
  DatasetError,
  readCocoResults,
  readCocoTruths,
} from '@foveal/data';
import test, {type ExecutionContext} from 'ava';
import {filesIn} from '../files.js';

const square = (x: number, y: number, side: number) => [x, y, x + side, y, x + side, y + side, x, y + side];
const truth = {
  images: [{id: 1, file_name: 'not/there.jpg', width: 100, height: 80}],
  categories: [{id: 5, name: 'cell'}],
  annotations: [
    {
      id: 1,
      image_id: 1,
      category_id: 5,
      bbox: [10, 10, 40, 40],
      area: 1600,
      iscrowd: 0,
      segmentation: [square(10, 10, 40)],
    },
  ],
};
const result = {image_id: 1, category_id: 5, score: 0.9};

async function read(t: ExecutionContext, results: unknown, options: CocoScoringOptions = {}) {
  const folder = await filesIn(t, {'gt.json': JSON.stringify(truth), 'r.json': JSON.stringify(results)});
  const truths = await readCocoTruths(join(folder, 'gt.json'), options);
  return {truths, found: await readCocoResults(join(folder, 'r.json'), truths, options)};
}

test('boxes are scored without the images', async t => {
  const {truths, found} = await read(t, [{...result, bbox: [10, 10, 40, 40]}]);
  t.deepEqual(found, [{imageId: 1, categoryId: 5, score: 0.9, bbox: [10, 10, 40, 40], area: 1600}]);
  const scores = cocoEval(truths.truths, found, {categories: truths.categories});
  t.like(scores, {AP: 1, AR1: 1, APm: 1, AP_per_category: {cell: 1}});
});

test('masks are scored by their own boxes and areas, whatever is written', async t => {
  // The written box is far away; the mask overlaps the label by 40 · 30 of 1600 pixels: IoU 0.75.
  const wrong = {...result, bbox: [90, 70, 5, 5], segmentation: [[10, 10, 50, 10, 50, 40, 10, 40]]};
  const {truths, found} = await read(t, [wrong], {on: 'segm'});
  t.deepEqual(found[0].bbox, [10, 10, 40, 30]);
  t.is(found[0].area, 1200);
  const scores = cocoEval(truths.truths, found, {categories: truths.categories, on: 'segm'});
  t.like(scores, {AP50: 1, AP75: 1});
  t.true(Math.abs(scores.AP - 0.6) < 1e-9);
});

test('a box can come from a mask', async t => {
  const {found} = await read(t, [{...result, segmentation: [square(10, 10, 40)]}]);
  t.deepEqual(found[0].bbox, [10, 10, 40, 40]);
});

const bad: [string, unknown, CocoScoringOptions, RegExp][] = [
  ['an unknown image', {...result, image_id: 2, bbox: [0, 0, 1, 1]}, {}, /result 0: there is no image 2/],
  [
    'an unknown category',
    {...result, category_id: 1, bbox: [0, 0, 1, 1]},
    {},
    /result 0: there is no category 1/,
  ],
  [
    'no score',
    {image_id: 1, category_id: 5, bbox: [0, 0, 1, 1]},
    {},
    /score must be a finite number, got undefined/,
  ],
  ['a box of text', {...result, bbox: ['0', 0, 1, 1]}, {}, /bbox must be four finite numbers/],
  ['no box', result, {}, /has no bbox, and has no segmentation/],
  ['no mask', {...result, bbox: [0, 0, 1, 1]}, {on: 'segm'}, /result 0: has no segmentation/],
  [
    'a mask of another size',
    {...result, segmentation: {size: [2, 2], counts: [4]}},
    {on: 'segm'},
    /its mask is 2 × 2, but image 1 is 100 × 80/,
  ],
  [
    'a polygon of a point',
    {...result, segmentation: [[1, 1]]},
    {on: 'segm'},
    /polygon 0: expected at least three points/,
  ],
  ['a number', 7, {}, /result 0: expected an object/],
];
for (const [what, element, options, message] of bad) {
  test(`a result with ${what} is refused by its place, or left out`, async t => {
    await t.throwsAsync(read(t, [element], options), {instanceOf: AnnotationError, message});
    t.deepEqual((await read(t, [element], {...options, fix: true})).found, []);
  });
}

test('results must be a list', async t => {
  await t.throwsAsync(read(t, {results: []}), {
    instanceOf: DatasetError,
    message: /expected a list of results/,
  });
});
