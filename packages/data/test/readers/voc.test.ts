import {join} from 'node:path';
import {AnnotationError, DatasetError, type VocOptions, voc} from '@foveal/data';
import test, {type ExecutionContext} from 'ava';
import {filesIn} from '../files.js';
import {encode} from '../support.js';

const box = (...[xmin, ymin, xmax, ymax]: (number | string)[]) =>
  `<bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox>`;
const object = (name: string, content = box(1, 1, 4, 4)) =>
  `<object>\n<name>${name}</name>${content}</object>\n`;
const xml = (...content: string[]) =>
  `<annotation>\n<size><width>8</width><height>6</height></size>\n${content.join('')}</annotation>`;

async function open(t: ExecutionContext, files: Record<string, string>, options: VocOptions = {}) {
  const photo = await encode('jpeg', 8, 6);
  const folder = await filesIn(t, {
    'JPEGImages/a.jpg': photo,
    'JPEGImages/b.jpg': photo,
    'JPEGImages/unlabelled.jpg': photo,
    'Annotations/a.xml': xml(object('dog'), object('cat')),
    'Annotations/b.xml': xml(object('ox')),
    'ImageSets/Main/train.txt': 'a\n',
    'ImageSets/Main/ox_val.txt': 'a -1\r\nb  1\r\n',
    ...files,
  });
  return voc(folder, options);
}

test('boxes count from 0, and categories are those of all splits', async t => {
  const dataset = await open(t, {}, {split: 'train'});
  t.deepEqual(dataset.categories, ['cat', 'dog', 'ox']);
  t.is(dataset.length, 1);
  const sample = await dataset.get(0);
  // xmin 1 to xmax 4, both included, are the first four pixels.
  t.deepEqual(sample.boxes, Float32Array.of(0, 0, 4, 4, 0, 0, 4, 4));
  t.deepEqual(sample.labels, Int32Array.of(1, 0));
  t.true(sample.file.endsWith(join('JPEGImages', 'a.jpg')));
});

test('lists of a class, no list, given categories and a first pixel of 0', async t => {
  t.is((await open(t, {}, {split: 'ox_val'})).length, 2);
  const dataset = await open(t, {}, {categories: ['ox', 'dog', 'cat'], firstPixel: 0});
  t.is(dataset.length, 2);
  const sample = await dataset.get(0);
  t.deepEqual(sample.labels, Int32Array.of(1, 2));
  t.deepEqual(sample.boxes?.subarray(0, 4), Float32Array.of(1, 1, 4, 4));
});

test('flags of difficult objects are kept, and parts of an object are no objects', async t => {
  const part = `<part><name>head</name>${box(2, 2, 3, 3)}</part>`;
  const dataset = await open(t, {
    'Annotations/a.xml': xml(
      object('dog', `<difficult>1</difficult>${box(1, 1, 4, 4)}${part}`),
      object('dog', `<difficult>0</difficult>${box('2.5', 1, 4, 4)}`),
    ),
  });
  const sample = await dataset.get(0);
  t.deepEqual(sample.difficult, Uint8Array.of(1, 0));
  t.deepEqual(sample.boxes?.subarray(4), Float32Array.of(1.5, 0, 4, 4));
});

test('one object, none, and a size that is not known are fine', async t => {
  const dataset = await open(t, {
    'Annotations/a.xml': xml(),
    'Annotations/b.xml': `<annotation><size><width>0</width><height>0</height></size>${object('ox')}</annotation>`,
  });
  t.deepEqual((await dataset.get(0)).boxes, new Float32Array(0));
  t.is((await dataset.get(1)).labels?.length, 1);
});

test('names may have the characters that XML itself defines', async t => {
  const dataset = await open(t, {'Annotations/a.xml': xml(object('R&amp;B &lt;&#252;&#xfc;&gt; 007'))});
  t.true(dataset.categories.includes('R&B <üü> 007'));
});

test('a name by an entity stays as it is written', async t => {
  const dataset = await open(t, {
    'Annotations/a.xml': `<!DOCTYPE a [<!ENTITY e "dog">]>${xml(object('&e;'))}`,
  });
  t.deepEqual(dataset.categories, ['&e;', 'ox']);
});

test('entities are not expanded, and files are not fetched', async t => {
  const levels = Array.from({length: 9}, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('');
  const bomb = `<!DOCTYPE a [<!ENTITY e0 "lol">${levels}]>${xml(object('&e9;'))}`;
  const dataset = await open(t, {'Annotations/a.xml': bomb});
  t.deepEqual(dataset.categories, ['&e9;', 'ox']);
  const external = `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${xml(object('&x;'))}`;
  await t.throwsAsync(open(t, {'Annotations/a.xml': external}), {
    instanceOf: AnnotationError,
    message: /a\.xml: External entities are not supported/,
  });
});

const bad: [string, string, RegExp][] = [
  [
    'a box without width',
    xml(object('dog'), object('cat', box(3, 1, 3, 4))),
    /a\.xml: line 5 \(object 1\): box \[3, 1, 3, 4\] must have x1 < x2/,
  ],
  [
    'a box outside',
    xml(object('dog', box(1, 1, 20, 4))),
    /line 3 \(object 0\): .*12 pixels outside the image of 8 × 6/,
  ],
  [
    'a box of words',
    xml(object('dog', box('one', 1, 4, 4))),
    /object 0\): box \[NaN, 1, 4, 4\] must be finite/,
  ],
  [
    'an empty number',
    xml(object('dog', box('', 1, 4, 4))),
    /object 0\): box \[NaN, 1, 4, 4\] must be finite/,
  ],
  ['no box', xml(object('dog', '')), /object 0\): has no <bndbox>/],
  [
    'half a box',
    xml(object('dog', '<bndbox><xmin>1</xmin><ymax>3</ymax></bndbox>')),
    /its <bndbox> has no <ymin>, <xmax>/,
  ],
  ['no name', xml('<object>', box(1, 1, 4, 4), '</object>'), /object 0\): has no <name>/],
  ['XML that is cut short', xml(object('dog')).slice(0, -30), /a\.xml: line \d+: /],
  ['no XML', 'hello', /a\.xml: line 1: /],
  ['an empty file', '', /a\.xml: /],
  ['something else', '<html></html>', /a\.xml: expected an <annotation>/],
  ['a nesting bomb', '<a>'.repeat(1e5) + '</a>'.repeat(1e5), /a\.xml: .{0,300}\.? ?\(fix/],
];
for (const [what, content, message] of bad) {
  test(`${what} is refused by file and line`, async t => {
    await t.throwsAsync(open(t, {'Annotations/a.xml': content}), {instanceOf: AnnotationError, message});
  });
}

test('an unknown category and files that are missing are refused by name', async t => {
  await t.throwsAsync(open(t, {}, {categories: ['dog', 'cat']}), {
    message: /b\.xml: line 3 \(object 0\): "ox" is none of the categories dog, cat/,
  });
  await t.throwsAsync(open(t, {'Annotations/c.xml': xml()}), {message: /c\.xml: no image JPEGImages\/c\.\*/});
  await t.throwsAsync(open(t, {'ImageSets/Main/train.txt': 'a\nz'}, {split: 'train'}), {
    message: /z\.xml: no such file/,
  });
  await t.throwsAsync(open(t, {}, {split: 'test'}), {
    instanceOf: DatasetError,
    message: /test\.txt: no such file.*It holds ox_val\.txt, train\.txt/,
  });
  await t.throwsAsync(voc('/nowhere'), {instanceOf: DatasetError, message: /JPEGImages: no such folder/});
});

test('a broken file of another split does not matter', async t => {
  t.is((await open(t, {'Annotations/b.xml': '<'}, {split: 'train'})).length, 1);
});

test('fix clips, leaves out, and says so', async t => {
  const content = xml(object('dog', box(1, 1, 20, 4)), object('dog', box(3, 1, 3, 4)), object('cat', ''));
  const dataset = await open(t, {'Annotations/a.xml': content, 'Annotations/c.xml': '<'}, {fix: true});
  t.is(dataset.length, 2);
  t.deepEqual((await dataset.get(0)).boxes, Float32Array.of(0, 0, 8, 4));
  t.deepEqual(dataset.repairs.map(({remedy}) => remedy).sort(), [
    'clipped',
    'image left out',
    'left out',
    'left out',
  ]);
});

test('where the size is not written, boxes are checked when the image is read', async t => {
  const content = `<annotation>${object('dog', box(1, 1, 20, 4))}</annotation>`;
  const dataset = await open(t, {'Annotations/a.xml': content});
  await t.throwsAsync(dataset.get(0), {
    instanceOf: DatasetError,
    message: /a\.xml: line 1 \(object 0\): .*12 pixels outside/,
  });
  const fixed = await open(t, {'Annotations/a.xml': content}, {fix: true});
  t.deepEqual((await fixed.get(0)).boxes, Float32Array.of(0, 0, 8, 4));
});
