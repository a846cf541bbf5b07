import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {coco, DatasetError, imageFolder, inspect, maskFolder, voc} from '@foveal/data';
import test from 'ava';
import {filesIn, png} from './files.js';
import {encode} from './support.js';

async function cocoFolder(t: Parameters<typeof filesIn>[0], annotations: object[]) {
  const photo = await encode('jpeg', 40, 30);
  const images = ['a.jpg', 'b.jpg', 'c.jpg'].map((file_name, id) => ({id, file_name, width: 40, height: 30}));
  const categories = [
    {id: 1, name: 'cat'},
    {id: 2, name: 'dog'},
  ];
  const content = JSON.stringify({images, categories, annotations});
  return filesIn(t, {'a.json': content, 'a.jpg': photo, 'b.jpg': photo, 'c.jpg': photo});
}
const annotation = {image_id: 0, category_id: 1, bbox: [0, 0, 10, 10]};

test('objects, images and sizes are counted', async t => {
  const folder = await cocoFolder(t, [
    {...annotation, id: 1},
    {...annotation, id: 2, bbox: [0, 0, 30, 30]},
    {...annotation, id: 3, image_id: 1, category_id: 2, bbox: [0, 0, 40, 30]},
  ]);
  const progress: number[] = [];
  const report = await inspect(options => coco(join(folder, 'a.json'), options), {
    onProgress: (done, total) => progress.push(done / total),
  });
  t.deepEqual(report, {
    images: {usable: 3, total: 3},
    withoutObjects: 1,
    objects: 3,
    categories: [
      {name: 'cat', images: 1, count: 2, pixels: 0},
      {name: 'dog', images: 1, count: 1, pixels: 0},
    ],
    width: {min: 40, median: 40, max: 40},
    height: {min: 30, median: 30, max: 30},
    objectSize: {min: 10, median: 30, max: Math.sqrt(1200)},
    objectsPerImage: {min: 0, median: 1, max: 2},
    objectAreas: {small: 2, medium: 1, large: 0},
    problems: [],
  });
  t.is(progress.at(-1), 1);
  t.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

test('every problem of annotations and images is told, in order, and the rest is counted', async t => {
  const folder = await cocoFolder(t, [
    {...annotation, id: 1, bbox: [0, 0, 0, 10]},
    {...annotation, id: 2, bbox: [30, 0, 30, 10]},
    {...annotation, id: 3, image_id: 9},
  ]);
  await writeFile(join(folder, 'b.jpg'), '');
  await writeFile(join(folder, 'c.jpg'), await encode('jpeg', 30, 40));
  const report = await inspect(options => coco(join(folder, 'a.json'), options));
  t.deepEqual(
    report.problems.map(({file, place}) => [file.slice(folder.length + 1), place]),
    [
      ['a.json', 'annotation 3'],
      ['a.json', 'annotation 1'],
      ['a.json', 'annotation 2'],
      ['b.jpg', ''],
      ['c.jpg', ''],
    ],
  );
  t.regex(report.problems[4].reason, /the image is 30 × 40/);
  t.deepEqual(report.images, {usable: 1, total: 3});
  t.is(report.objects, 1);
});

test('a dataset that cannot be opened is one problem', async t => {
  const folder = await filesIn(t, {'a.json': '{"images": ['});
  const report = await inspect(options => coco(join(folder, 'a.json'), options));
  t.is(report.problems.length, 1);
  t.regex(report.problems[0].reason, /byte 12: the file is cut short/);
  t.deepEqual(report.images, {usable: 0, total: 0});
  t.is((await inspect(options => voc('/nowhere', options))).problems.length, 1);
});

test('classes of images and of pixels are counted, too', async t => {
  const photo = await encode('png', 2, 2);
  const folder = await filesIn(t, {
    'cat/1.png': photo,
    'cat/2.png': photo,
    'dog/3.png': photo,
    'masks/1.png': png([0, 1, 1, 255], {width: 2, height: 2, colorType: 0}),
    'masks/2.png': png([0, 0, 0, 7], {width: 2, height: 2, colorType: 0}),
  });
  const images = await inspect(() => imageFolder(folder));
  t.deepEqual(
    images.categories.map(({name, count}) => [name, count]),
    [
      ['cat', 2],
      ['dog', 1],
      ['masks', 2],
    ],
  );
  const pixels = await inspect(() =>
    maskFolder(join(folder, 'cat'), {masks: join(folder, 'masks'), categories: ['a', 'b']}),
  );
  t.deepEqual(
    pixels.categories.map(({images: count, pixels: sum}) => [count, sum]),
    [
      [1, 1],
      [1, 2],
    ],
  );
  t.regex(pixels.problems[0].reason, /pixel \(1, 1\): value 7/);
});

test('problems come in the order of the images, whichever is read first', async t => {
  const report = await inspect(async () => ({
    length: 3,
    categories: [],
    async get(index) {
      await new Promise(resolve => setTimeout(resolve, 20 - 10 * index));
      throw new DatasetError(`image ${index}`, 'is broken.');
    },
  }));
  t.deepEqual(
    report.problems.map(({file}) => file),
    ['image 0', 'image 1', 'image 2'],
  );
});

test('a mistake in the program is not a problem of the data', async t => {
  await t.throwsAsync(
    inspect(async () => {
      throw new TypeError('x is undefined');
    }),
    {instanceOf: TypeError},
  );
});
