import {join} from 'node:path';
import {AnnotationError, DatasetError, type MaskFolderOptions, maskFolder} from '@foveal/data';
import test, {type ExecutionContext} from 'ava';
import {filesIn, png} from '../files.js';
import {encode} from '../support.js';

const categories = ['wall', 'cell', 'hole'];
const grey = (...values: number[]) => png(values, {width: 2, height: 2, colorType: 0});

async function open(
  t: ExecutionContext,
  mask: Buffer,
  {files = {}, ...options}: Partial<MaskFolderOptions> & {files?: Record<string, string | Buffer>} = {},
) {
  const photo = await encode('jpeg', 2, 2);
  const folder = await filesIn(t, {
    'images/a.jpg': photo,
    'masks/a.png': mask,
    'names.txt': 'wall\ncell\nhole\n',
    ...files,
  });
  if (options.list) options.list = join(folder, options.list);
  if (typeof options.categories === 'string') options.categories = join(folder, options.categories);
  return maskFolder(join(folder, 'images'), {masks: join(folder, 'masks'), categories, ...options});
}

test('grey levels and palette indices are categories, and 255 does not count', async t => {
  const dataset = await open(t, grey(0, 2, 255, 1));
  t.deepEqual(dataset.categories, categories);
  t.deepEqual((await dataset.get(0)).classMap, Uint8Array.of(0, 2, 255, 1));
  const palette = png([0, 2, 1, 1], {
    width: 2,
    height: 2,
    colorType: 3,
    depth: 2,
    palette: [9, 9, 9, 8, 8, 8, 7, 7, 7],
  });
  t.deepEqual((await (await open(t, palette)).get(0)).classMap, Uint8Array.of(0, 2, 1, 1));
});

test('names come from a file, and other values can be ignored', async t => {
  const dataset = await open(t, grey(0, 11, 12, 1), {ignore: [11, 12], categories: 'names.txt'});
  t.deepEqual(dataset.categories, categories);
  t.deepEqual((await dataset.get(0)).classMap, Uint8Array.of(0, 255, 255, 1));
});

test('masks may have values of their own, 255 among them', async t => {
  const dataset = await open(t, grey(0, 255, 128, 0), {values: {wall: 0, cell: 255, hole: 128}});
  t.deepEqual((await dataset.get(0)).classMap, Uint8Array.of(0, 1, 2, 0));
});

test('more than 255 categories need 16 bits, and 65,535 does not count', async t => {
  const mask = png([0, 255, 299, 65_535], {width: 2, height: 2, colorType: 0, depth: 16});
  const many = Array.from({length: 300}, (_, i) => `class ${i}`);
  t.deepEqual(
    (await (await open(t, mask, {categories: many})).get(0)).classMap,
    Uint16Array.of(0, 255, 299, 65_535),
  );
});

test('16 bits of few categories are bytes', async t => {
  const mask = png([0, 255, 2, 1], {width: 2, height: 2, colorType: 0, depth: 16});
  t.deepEqual((await (await open(t, mask)).get(0)).classMap, Uint8Array.of(0, 255, 2, 1));
});

const rgb = png([255, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0], {width: 2, height: 2, colorType: 2});

test('colours are translated by their table', async t => {
  const options = {colors: {cell: [255, 0, 0], hole: [0, 255, 0]}, ignoreColors: [[0, 0, 0]]} as const;
  t.deepEqual((await (await open(t, rgb, options)).get(0)).classMap, Uint8Array.of(1, 2, 255, 1));
});

const bad: [string, Buffer, Partial<MaskFolderOptions>, RegExp][] = [
  [
    'an index too high',
    grey(0, 1, 3, 0),
    {},
    /a\.png: pixel \(0, 1\): value 3, but the 3 categories have 0 to 2\. Pass ignore: \[3\]/,
  ],
  [
    'a value of its own that is not listed',
    grey(0, 1, 0, 0),
    {values: {wall: 0, cell: 128}},
    /value 1, but .* have 0, 128/,
  ],
  ['colours without a table', rgb, {}, /a\.png: a mask in colours; expected indices .* Pass colors/],
  [
    'a colour that is not in the table',
    rgb,
    {colors: {cell: [255, 0, 0]}},
    /pixel \(1, 0\): colour \[0, 255, 0\] is no category's/,
  ],
  [
    'a table of unknown names',
    rgb,
    {colors: {sky: [255, 0, 0]}},
    /colors: "sky" is none of the categories wall, cell, hole/,
  ],
  [
    'another size',
    png([0, 0], {width: 2, height: 1, colorType: 0}),
    {},
    /a\.png: the mask is 2 × 1, but its image 2 × 2\. Resize it .*nearest/,
  ],
  ['damage', grey(0, 0, 0, 0).subarray(0, 45), {}, /a\.png: a damaged or truncated PNG/],
];
for (const [what, mask, options, message] of bad) {
  test(`a mask with ${what} is refused by name when it is read`, async t => {
    const dataset = await open(t, mask, options);
    await t.throwsAsync(dataset.get(0), {instanceOf: DatasetError, message});
  });
}

test('an image without a mask and a mask without an image are refused, or left out', async t => {
  const files = {'images/b.jpg': await encode('jpeg', 2, 2), 'masks/c.png': grey(0, 0, 0, 0)};
  const error = await t.throwsAsync<AnnotationError>(open(t, grey(0, 0, 0, 0), {files}), {
    instanceOf: AnnotationError,
    message: /b\.jpg: no mask b\.png for it.*c\.png: no image for it/s,
  });
  t.is(error?.problems.length, 2);
  t.is((await open(t, grey(0, 0, 0, 0), {files, fix: true})).length, 1);
});

test('a list chooses, with endings or without, and tells what is not there', async t => {
  const photo = await encode('jpeg', 2, 2);
  const files = {'images/b.v2.jpg': photo, 'masks/b.v2.png': grey(1, 1, 1, 1), 'list.txt': 'b.v2\na.png\n'};
  const dataset = await open(t, grey(0, 0, 0, 0), {files, list: 'list.txt'});
  t.is(dataset.length, 2);
  t.is((await dataset.get(0)).classMap?.[0], 1);
  await t.throwsAsync(open(t, grey(0), {files: {'list.txt': 'z\n'}, list: 'list.txt'}), {
    message: /no image z\.\*, which .*list\.txt lists/,
  });
});

test('names twice, no names and no folder are refused', async t => {
  const twice = {files: {'names.txt': 'a\nb\n\na\n'}, categories: 'names.txt'};
  await t.throwsAsync(open(t, grey(0), twice), {message: /names\.txt: line 4: "a" is on line 1, too/});
  await t.throwsAsync(open(t, grey(0), {categories: ['a', 'a']}), {message: /"a" is there twice/});
  await t.throwsAsync(open(t, grey(0), {files: {'names.txt': '\n'}, categories: 'names.txt'}), {
    message: /is empty/,
  });
  await t.throwsAsync(open(t, grey(0), {masks: '/nowhere'}), {message: /nowhere: no such folder/});
});
