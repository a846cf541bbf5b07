import {join} from 'node:path';
import {rleArea} from '@foveal/core';
import {AnnotationError, DatasetError, type YoloOptions, yolo} from '@foveal/data';
import test, {type ExecutionContext} from 'ava';
import {filesIn} from '../files.js';
import {encode} from '../support.js';

const yaml = 'path: data\ntrain: images/train\nval: val.txt\nnames: [cat, dog]\n';

async function open(
  t: ExecutionContext,
  labels: string | undefined,
  {files = {}, ...options}: YoloOptions & {files?: Record<string, string>} = {},
) {
  const photo = await encode('png', 20, 10);
  const folder = await filesIn(t, {
    'set.yaml': yaml,
    'data/images/train/1.png': photo,
    'data/images/train/deep/2.png': photo,
    'data/val.txt': './images/train/deep/2.png\r\n',
    ...(labels !== undefined && {'data/labels/train/1.txt': labels}),
    ...files,
  });
  return yolo(join(folder, 'set.yaml'), options);
}

test('centres and sizes in shares become corners in pixels', async t => {
  const dataset = await open(t, '1 0.5 0.5 0.5 0.4\n0 0.25 0.5 0.5 1\n');
  t.deepEqual(dataset.categories, ['cat', 'dog']);
  t.is(dataset.length, 2);
  const sample = await dataset.get(0);
  t.deepEqual(sample.boxes, Float32Array.of(5, 3, 15, 7, 0, 0, 10, 10));
  t.deepEqual(sample.labels, Int32Array.of(1, 0));
  t.is(sample.masks, undefined);
});

test('no label file, an empty one and one of line ends have no objects', async t => {
  for (const labels of [undefined, '', '\n', '\r\n\r\n']) {
    const dataset = await open(t, labels);
    t.deepEqual((await dataset.get(0)).boxes, new Float32Array(0));
  }
});

test('line ends of Windows, tabs and more spaces are fine', async t => {
  const dataset = await open(t, '1 0.5 0.5 0.5 0.4\r\n0\t0.25  0.5 0.5 1 \r\n');
  t.is((await dataset.get(0)).labels?.length, 2);
});

test('boxes that rounding puts over the edge end at it', async t => {
  const dataset = await open(t, '0 0.499999 0.5 1.000002 1\n');
  t.deepEqual((await dataset.get(0)).boxes, Float32Array.of(0, 0, 20, 10));
});

test('polygons give boxes and masks', async t => {
  const dataset = await open(t, '1 0.25 0.2 0.75 0.2 0.75 0.6 0.25 0.6\n');
  const sample = await dataset.get(0);
  t.deepEqual(sample.boxes, Float32Array.of(5, 2, 15, 6));
  t.is(sample.masks?.length, 1);
  t.is(rleArea(sample.masks![0]), 40);
});

test('a list of images names the split', async t => {
  const dataset = await open(t, undefined, {split: 'val'});
  t.is(dataset.length, 1);
  t.true((await dataset.get(0)).file.endsWith(join('deep', '2.png')));
});

const fine = '0 0.5 0.5 0.5 0.5\n';
const bad: [string, string, RegExp][] = [
  ['four columns', '0 0.5 0.5 0.5', /1\.txt: line 2: expected a class and 4 numbers, .* got 4 columns/],
  ['six columns', '0 0.5 0.5 0.5 0.5 0.9', /line 2: .* got 6 columns/],
  ['a class too high', '9999 0.5 0.5 0.5 0.5', /line 2: class must be a whole number from 0 to 1, got 9999/],
  ['a negative class', '-1 0.5 0.5 0.5 0.5', /line 2: class must be .* got -1/],
  ['half a class', '0.5 0.5 0.5 0.5 0.5', /line 2: class must be .* got 0.5/],
  [
    'pixels',
    '0 10 5 4 4',
    /line 2: column 2 must be a share of the image from 0 to 1, got 10\. Are these pixels/,
  ],
  ['a negative share', '0 0.5 -0.5 0.5 0.5', /line 2: column 3 must be a share .* got -0.5/],
  ['commas', '0,0.5,0.5,0.5,0.5', /line 2: values must be parted by spaces, not commas, got "0,0.5/],
  ['decimal commas', '0 0,5 0,5 0,5 0,5', /line 2: .*not commas/],
  ['an empty line inside', `\n${fine}`, /line 2: is empty/],
  ['a word', '0 0.5 half 0.5 0.5', /line 2: column 3 must be a finite number, got "half"/],
  ['NaN', '0 NaN 0.5 0.5 0.5', /line 2: column 2 must be a finite number, got "NaN"/],
  ['no width', '0 0.5 0.5 0 0.5', /line 2: width and height must be above 0/],
  [
    'a box over the edge',
    '0 0.9 0.5 0.4 0.5',
    /line 2: the box lies outside the image, 0\.7 0\.25 1\.1 0\.75/,
  ],
];
for (const [what, line, message] of bad) {
  for (const end of ['\n', '\r\n']) {
    test(`${what} is refused by its line, ended by ${JSON.stringify(end)}`, async t => {
      const labels = `${fine}${line}\n`.replaceAll('\n', end);
      const error = await t.throwsAsync(open(t, labels), {instanceOf: AnnotationError, message});
      t.is((error as AnnotationError).problems.length, 1);
    });
  }
}

test('fix clips and leaves out', async t => {
  const dataset = await open(t, `${fine}0 0.9 0.5 0.4 0.5\n7 1 1 1 1\n`, {fix: true});
  t.deepEqual(
    dataset.repairs.map(({place, remedy}) => [place, remedy]),
    [
      ['line 2', 'clipped'],
      ['line 3', 'left out'],
    ],
  );
  t.deepEqual((await dataset.get(0)).boxes?.subarray(4), Float32Array.of(14, 2.5, 20, 7.5));
});

test('names by number, several folders and the ../ of exports', async t => {
  const files = {
    'set.yaml': 'train: [../data/images/train, data/images/train/deep]\nnames: {1: dog, 0: cat}\nnc: 2\n',
  };
  const dataset = await open(t, fine, {files});
  t.deepEqual(dataset.categories, ['cat', 'dog']);
  t.is(dataset.length, 3);
});

const badYaml: [string, string, RegExp][] = [
  ['no names', 'train: data\n', /names must list the categories/],
  ['a gap in the names', 'train: data\nnames: {0: a, 2: b}\n', /numbers 0 to 1 as keys; 1 is missing/],
  ['a name twice', 'train: data\nnames: [a, a]\n', /"a" is there twice/],
  ['another number of classes', 'train: data\nnc: 3\nnames: [a]\n', /nc is 3, but there are 1 names/],
  ['no such split', 'val: data\nnames: [a]\n', /train must be a folder of images.*It has val/],
  ['no such folder', 'train: nowhere\nnames: [a]\n', /nowhere: no such folder or list/],
  ['no images', 'train: data/labels\nnames: [cat, dog]\n', /no images in .*labels/],
  ['a list', '- a\n', /expected keys/],
  ['no YAML', 'a: [1\nb', /set\.yaml: .*at line/],
  [
    'a bomb',
    `a: &a [x]\n${Array.from({length: 30}, (_, i) => `b${i}: &b${i} [*${i ? `b${i - 1}` : 'a'}, *${i ? `b${i - 1}` : 'a'}]`).join('\n')}\n`,
    /set\.yaml: .*alias/,
  ],
];
for (const [what, content, message] of badYaml) {
  test(`a YAML file with ${what} is refused`, async t => {
    await t.throwsAsync(open(t, fine, {files: {'set.yaml': content}}), {instanceOf: DatasetError, message});
  });
}

test('a list of images tells which lines lead nowhere', async t => {
  await t.throwsAsync(
    open(t, fine, {split: 'val', files: {'data/val.txt': 'images/train/1.png\n\ngone.png\n'}}),
    {
      instanceOf: AnnotationError,
      message: /val\.txt: line 3: no file .*gone\.png/,
    },
  );
});
