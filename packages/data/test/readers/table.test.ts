import {join} from 'node:path';
import {AnnotationError, DatasetError, type TableOptions, table} from '@foveal/data';
import test, {type ExecutionContext} from 'ava';
import {filesIn} from '../files.js';
import {encode} from '../support.js';

async function open(t: ExecutionContext, content: string, options: TableOptions = {}, name = 'a.csv') {
  const photo = await encode('jpeg', 2, 2);
  const folder = await filesIn(t, {
    [name]: content,
    '1.jpg': photo,
    'deep/2, or "3".jpg': photo,
    'other/9.jpg': photo,
    'names.txt': 'dog\ncat\n',
  });
  const given = options.categories;
  return table(join(folder, name), {
    ...options,
    ...(options.images && {images: join(folder, options.images)}),
    ...(typeof given === 'string' && {categories: join(folder, given)}),
  });
}
const labels = async (dataset: Awaited<ReturnType<typeof table>>) =>
  Promise.all(Array.from({length: dataset.length}, async (_, i) => (await dataset.get(i)).label));

test('files and classes, with quotes, a heading, a byte-order mark and line ends of Windows', async t => {
  const dataset = await open(t, '\ufefffile,class\r\n1.jpg,dog\r\n"deep/2, or ""3"".jpg",cat\r\n\r\n');
  t.deepEqual(dataset.categories, ['cat', 'dog']);
  t.deepEqual(await labels(dataset), [1, 0]);
  t.true((await dataset.get(1)).file.endsWith('2, or "3".jpg'));
});

test('a first line that names an image is no heading', async t => {
  t.is((await open(t, '1.jpg,dog\n')).length, 1);
  t.is((await open(t, 'x.jpg,dog\n1.jpg,dog\n', {header: true})).length, 1);
});

test('tabs, columns by name, and another folder', async t => {
  const content = 'id\tclass name\tpath\n7\tbig cat\t9.jpg\n';
  const options = {fileColumn: 'path', classColumn: 'class name', images: 'other'};
  const dataset = await open(t, content, options, 'a.tsv');
  t.deepEqual(dataset.categories, ['big cat']);
});

test('categories give the order, and whole numbers are labels of them', async t => {
  t.deepEqual(await labels(await open(t, '1.jpg,cat\n', {categories: 'names.txt'})), [1]);
  t.deepEqual(await labels(await open(t, '1.jpg,1\n', {categories: 'names.txt'})), [1]);
  const dataset = await open(t, '1.jpg,10\n"deep/2, or ""3"".jpg",9\n');
  t.deepEqual(dataset.categories, ['9', '10']);
});

const bad: [string, string, TableOptions, RegExp][] = [
  ['too few columns', '1.jpg,dog\n1.jpg\n', {}, /a\.csv: .*line 2: expected 2 columns, got 1/s],
  ['an empty class', '1.jpg,dog\n1.jpg,\n', {}, /line 2: the class is empty/],
  ['an empty file', '1.jpg,dog\n\n,dog\n', {}, /line 3: the file is empty/],
  ['a missing image', '1.jpg,dog\n8.jpg,dog\n', {}, /line 2: no file .*8\.jpg/],
  ['an image twice', '1.jpg,dog\n./1.jpg,cat\n', {}, /line 2: \.\/1\.jpg is on line 1, too/],
  [
    'an unknown class',
    'file,class\n1.jpg,ox\n',
    {categories: 'names.txt'},
    /line 2: "ox" is none of the 2 categories/,
  ],
  ['a label too high', '1.jpg,2\n', {categories: 'names.txt'}, /line 1: "2" is none of the 2 categories/],
];
for (const [what, content, options, message] of bad) {
  test(`${what} is refused by its line`, async t => {
    const error = await t.throwsAsync<AnnotationError>(open(t, content, options), {
      instanceOf: AnnotationError,
      message,
    });
    t.is(error?.problems.length, 1);
  });
}

const unusable: [string, string, TableOptions, RegExp][] = [
  ['nothing', '', {}, /a\.csv: is empty/],
  ['a heading alone', 'file,class\n', {}, /no image in it/],
  ['one column', '1.jpg\n', {}, /expected a column of files and one of classes, got 1.*tabs/],
  ['no such column', 'a,b\n1.jpg,x\n', {fileColumn: 'path'}, /no column "path" among a, b/],
  ['a quote that never ends', '1.jpg,"dog\n', {}, /a\.csv: Quote Not Closed.* line 1/],
];
for (const [what, content, options, message] of unusable) {
  test(`a table with ${what} is refused`, async t => {
    await t.throwsAsync(open(t, content, options), {instanceOf: DatasetError, message});
  });
}

test('fix leaves bad lines out', async t => {
  t.is((await open(t, '1.jpg,dog\n8.jpg,dog\n1.jpg,cat\n', {fix: true})).length, 1);
});
