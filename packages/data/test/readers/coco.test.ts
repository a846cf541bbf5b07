import {join} from 'node:path';
import {rleFromMask, rleToMask, rleToString} from '@foveal/core';
import {AnnotationError, type CocoOptions, coco, DatasetError, type Problem} from '@foveal/data';
import test, {type ExecutionContext} from 'ava';
import {filesIn} from '../files.js';
import {encode} from '../support.js';

interface File {
  images?: unknown;
  categories?: unknown;
  annotations?: unknown;
}
const images = [
  {id: 7, file_name: 'a.jpg', width: 8, height: 6},
  {id: 3, file_name: 'deep/b.jpg', width: 8, height: 6},
];
// Ids with gaps, out of order, and 0: labels are their places in order.
const categories = [
  {id: 90, name: 'dog'},
  {id: 0, name: 'cat'},
];
const square = [0, 0, 4, 0, 4, 4, 0, 4];
const annotation = {id: 1, image_id: 7, category_id: 90, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0};

async function open(t: ExecutionContext, change: File | string, options: CocoOptions = {}) {
  const photo = await encode('jpeg', 8, 6);
  const content =
    typeof change === 'string' ? change : JSON.stringify({images, categories, annotations: [], ...change});
  const folder = await filesIn(t, {'a.json': content, 'a.jpg': photo, 'deep/b.jpg': photo});
  return coco(join(folder, 'a.json'), options);
}

test('boxes are corners, labels follow the ids in order, and images without objects are samples', async t => {
  const dataset = await open(t, {
    annotations: [annotation, {...annotation, id: 2, category_id: 0, iscrowd: 1}],
  });
  t.deepEqual(dataset.categories, ['cat', 'dog']);
  t.deepEqual(dataset.categoryIds, [0, 90]);
  t.deepEqual(dataset.imageIds, [7, 3]);
  t.deepEqual(dataset.repairs, []);
  const sample = await dataset.get(0);
  t.deepEqual(sample.boxes, Float32Array.of(1, 2, 4, 6, 1, 2, 4, 6));
  t.deepEqual(sample.labels, Int32Array.of(1, 0));
  t.deepEqual(sample.crowd, Uint8Array.of(0, 1));
  t.is(sample.masks, undefined);
  t.is(sample.image.width, 8);
  const negative = await dataset.get(1);
  t.deepEqual(negative.boxes, new Float32Array(0));
  t.deepEqual(negative.labels, new Int32Array(0));
});

test('polygons and runs, compressed or not, give the same mask', async t => {
  const mask = new Uint8Array(48);
  for (let y = 0; y < 4; y++) mask.fill(1, y * 8, y * 8 + 4);
  const rle = rleFromMask(mask, 6, 8);
  const shapes = [
    [square],
    [
      [0, 0, 2, 0, 2, 4, 0, 4],
      [2, 0, 4, 0, 4, 4, 2, 4],
    ],
    {size: [6, 8], counts: Array.from(rle.counts)},
    {size: [6, 8], counts: rleToString(rle)},
  ];
  const dataset = await open(t, {
    annotations: shapes.map((segmentation, id) => ({...annotation, id, segmentation, bbox: undefined})),
  });
  const {masks, boxes} = await dataset.get(0);
  t.is(masks?.length, 4);
  for (const own of masks ?? []) t.deepEqual(rleToMask(own), mask);
  t.deepEqual(boxes, Float32Array.from(shapes.flatMap(() => [0, 0, 4, 4])));
  t.deepEqual((await dataset.get(1)).masks, []);
});

test('without a mask for every object there are none', async t => {
  const dataset = await open(t, {
    annotations: [
      {...annotation, segmentation: [square]},
      {...annotation, id: 2, segmentation: []},
    ],
  });
  t.is((await dataset.get(0)).masks, undefined);
});

const bad: [string, File, RegExp][] = [
  [
    'a duplicate image id',
    {images: [...images, images[0]]},
    /images\[2\]: id 7 is taken: images\[0\] has it/,
  ],
  ['a duplicate annotation id', {annotations: [annotation, annotation]}, /annotations\[1\]: id 1 is taken/],
  [
    'a duplicate category',
    {categories: [...categories, {id: 5, name: 'dog'}]},
    /category 5: is called "dog" like category 90/,
  ],
  ['an unknown image', {annotations: [{...annotation, image_id: 4}]}, /annotation 1: there is no image 4/],
  [
    'an unknown category',
    {annotations: [{...annotation, category_id: 1}]},
    /annotation 1: there is no category 1/,
  ],
  ['a missing file', {images: [{...images[0], file_name: 'c.jpg'}, images[1]]}, /image 7: no file .*c\.jpg/],
  [
    'an id of text',
    {annotations: [{...annotation, id: '1'}]},
    /annotations\[0\]: id must be a whole number, got "1"/,
  ],
  ['no category id', {annotations: [{id: 1, image_id: 7}]}, /annotations\[0\] \(id 1\): has no category_id/],
  [
    'a size of 0',
    {images: [{...images[0], width: 0}]},
    /images\[0\] \(id 7\): width and height must be .* got \[0,6\]/,
  ],
  ['an element that is no object', {annotations: [5]}, /annotations\[0\]: expected an object/],
  [
    'a box of three',
    {annotations: [{...annotation, bbox: [1, 2, 3]}]},
    /annotation 1: bbox must be four numbers/,
  ],
  ['a box without width', {annotations: [{...annotation, bbox: [1, 2, 0, 4]}]}, /annotation 1: .*x1 < x2/],
  [
    'corners in place of sizes',
    {annotations: [{...annotation, bbox: [4, 3, 8, 6]}]},
    /annotation 1: .*4 pixels outside/,
  ],
  ['no box and no mask', {annotations: [{...annotation, bbox: null}]}, /neither a bbox nor a segmentation/],
  [
    'a polygon of two points',
    {annotations: [{...annotation, segmentation: [[0, 0, 4, 4]]}]},
    /annotation 1: polygon 0: expected at least three points, got 2/,
  ],
  [
    'a polygon of half a point',
    {annotations: [{...annotation, segmentation: [[0, 0, 4, 0, 4, 4, 1]]}]},
    /polygon 0: expected pairs of x and y, got 7/,
  ],
  [
    'runs that do not fill',
    {annotations: [{...annotation, segmentation: {size: [6, 8], counts: [40]}}]},
    /annotation 1: .*fill 6 × 8 = 48 pixels, got 40/,
  ],
  [
    'negative runs',
    {annotations: [{...annotation, segmentation: {size: [6, 8], counts: [50, -2]}}]},
    /annotation 1: .*run 1 must be a whole number of pixels, got -2/,
  ],
  [
    'a run of 2³¹',
    {annotations: [{...annotation, segmentation: {size: [6, 8], counts: [2 ** 31]}}]},
    /got 2147483648/,
  ],
  [
    'a mask of 2³¹ pixels a side',
    {annotations: [{...annotation, segmentation: {size: [2 ** 31, 2 ** 31], counts: 'x'}}]},
    /height must be a whole number from 1 to/,
  ],
  [
    'a mask of another size',
    {annotations: [{...annotation, segmentation: {size: [8, 6], counts: [48]}}]},
    /its mask is 6 × 8, but image 7 is 8 × 6/,
  ],
  [
    'text that is no mask',
    {annotations: [{...annotation, segmentation: {size: [6, 8], counts: '~'}}]},
    /annotation 1: .*not part of a COCO mask string/,
  ],
  [
    'a segmentation of text',
    {annotations: [{...annotation, segmentation: 'x'}]},
    /segmentation must be a list of polygons/,
  ],
];
for (const [what, change, message] of bad) {
  test(`${what} is refused by its id`, async t => {
    const error = await t.throwsAsync(open(t, change), {instanceOf: AnnotationError, message});
    t.true(error?.message.includes('a.json'));
  });
}

test('images that lie elsewhere are asked for once, and not listed one by one', async t => {
  const message = /a\.json: none of its images is there; the first would be .*x.a\.jpg.*--images FOLDER/;
  const elsewhere = images.map(image => ({...image, file_name: `x/${image.file_name}`}));
  await t.throwsAsync(open(t, {images: elsewhere}), {instanceOf: DatasetError, message});
});

test('a number beyond all numbers is not finite', async t => {
  const content = JSON.stringify({images, categories, annotations: [annotation]});
  await t.throwsAsync(open(t, content.replace('"bbox":[1,2,3', '"bbox":[1,2,1e999')), {
    instanceOf: AnnotationError,
    message: /annotation 1: box \[1, 2, Infinity, 6\] must be finite/,
  });
});

test('a file that is no COCO file is refused as a whole', async t => {
  await t.throwsAsync(open(t, '{"images": [], "categories": []}'), {
    instanceOf: DatasetError,
    message: /no list "annotations"/,
  });
  await t.throwsAsync(open(t, '[{"image_id": 1}]'), {message: /A list of results is not a dataset/});
  await t.throwsAsync(open(t, '{"images": [{"id": 1, '), {message: /byte 22: the file is cut short/});
});

test('every problem is told, and twenty are shown', async t => {
  const annotations = Array.from({length: 30}, (_, id) => ({...annotation, id, bbox: [0, 0, 0, 0]}));
  const error = await t.throwsAsync<AnnotationError>(open(t, {annotations}), {
    message: /30 problems in the annotations\. .*fix: true .*repair 30.*annotation 19: .*… and 10 more$/s,
  });
  t.is(error?.problems.length, 30);
});

test('fix clips boxes, leaves out what is unusable, and says so', async t => {
  const dataset = await open(
    t,
    {
      images: [...images, {...images[0], id: 8, file_name: 'gone.jpg'}],
      annotations: [
        {...annotation, bbox: [4, 3, 8, 6]},
        {...annotation, id: 2, bbox: [1, 1, 0, 5]},
        {...annotation, id: 3, image_id: 99},
        {...annotation, id: 4},
        {...annotation, id: 5, image_id: 8},
      ],
    },
    {fix: true},
  );
  t.is(dataset.length, 2);
  t.deepEqual((await dataset.get(0)).boxes, Float32Array.of(4, 3, 8, 6, 1, 2, 4, 6));
  t.deepEqual(
    dataset.repairs.map(({place, remedy}) => [place, remedy]),
    [
      ['annotation 3', 'left out'],
      ['image 8', 'left out'],
      ['annotation 1', 'clipped'],
      ['annotation 2', 'left out'],
    ],
  );
});

test('fix does not choose between two of the same id', async t => {
  await t.throwsAsync(open(t, {annotations: [annotation, annotation]}, {fix: true}), {
    message: /one problem in the annotations\.\n.*id 1 is taken/,
  });
});

test('a bad polygon of several is left out, and an object without any is', async t => {
  const dataset = await open(
    t,
    {
      annotations: [
        {...annotation, segmentation: [square, [1, 1]]},
        {...annotation, id: 2, segmentation: [[1, 1]]},
      ],
    },
    {fix: true},
  );
  t.is((await dataset.get(0)).masks?.length, 1);
  t.deepEqual(
    dataset.repairs.map(({reason}) => reason),
    [
      'polygon 1: expected at least three points, got 1.',
      'polygon 0: expected at least three points, got 1.',
      'no polygon of it can be drawn.',
    ],
  );
});

test('problems can be collected in place of an error', async t => {
  const collect: Problem[] = [];
  const dataset = await open(
    t,
    {annotations: [annotation, annotation, {...annotation, id: 3, image_id: 9}]},
    {collect},
  );
  t.is(collect.length, 2);
  t.is((await dataset.get(0)).labels?.length, 1);
});

test('an image of another size than its annotations say is refused when it is read', async t => {
  const dataset = await open(t, {images: [{...images[0], width: 6, height: 8}]});
  await t.throwsAsync(dataset.get(0), {
    instanceOf: DatasetError,
    message: /a\.jpg: the image is 8 × 6, but .*a\.json says 6 × 8.*EXIF/,
  });
});

test('many boxes on one image are read', async t => {
  const annotations = Array.from({length: 20_000}, (_, id) => ({...annotation, id}));
  const dataset = await open(t, {annotations}, {maxObjects: 20_000});
  t.is((await dataset.get(0)).boxes?.length, 80_000);
  t.deepEqual(dataset.repairs, []);
  await t.throwsAsync(open(t, {annotations}, {maxObjects: 0}), {message: /maxObjects must be .* got 0/});
});
