import {execFileSync} from 'node:child_process';
import {createWriteStream} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {DatasetError} from '../../src/datasetError.js';
import {ElementScanner, type Json} from '../../src/readers/elementScanner.js';
import {forEachElement} from '../../src/readers/jsonElements.js';
import {filesIn} from '../files.js';

async function elements(t: ExecutionContext, content: string | Buffer, ...lists: string[]) {
  const folder = await filesIn(t, {'a.json': content});
  const seen: [string, number, Json][] = [];
  const visitors = Object.fromEntries(
    lists.map(list => [list, (value: Json, index: number) => seen.push([list, index, value])]),
  );
  const counts = await forEachElement(join(folder, 'a.json'), visitors);
  return {seen, counts: Object.fromEntries(counts)};
}

test('the elements of lists come one by one, and everything else is skipped', async t => {
  const content = JSON.stringify({
    info: {a: [1, {a: []}]},
    a: [1, -2.5e-3, 'x"\\é\u{1f600}', true, null, [], {}, {a: [[0.1, [2]], {b: {c: 'd'}}]}],
    skipped: [[1], {a: [3]}],
    b: [],
    tail: 'x',
  });
  const {seen, counts} = await elements(t, content, 'a', 'b', 'absent');
  t.deepEqual(
    seen.map(([, , value]) => value),
    JSON.parse(content).a,
  );
  t.deepEqual(
    seen.map(([, index]) => index),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  t.deepEqual(counts, {a: 8, b: 0});
});

test('a list at the top has no name', async t => {
  const {seen} = await elements(t, ' [{"a": 1}, 2]\n', '');
  t.deepEqual(seen, [
    ['', 0, {a: 1}],
    ['', 1, 2],
  ]);
});

test('texts and numbers survive where one piece of the file ends and the next begins', async t => {
  const long = Array.from({length: 60_000}, (_, i) => `${i}ü${i / 7}`);
  const {seen} = await elements(t, JSON.stringify({a: [long, long.length]}), 'a');
  t.deepEqual(seen[0][2], long);
});

test('pieces of one byte make no difference', t => {
  const value = {info: ['x'], a: ['"\\é\u{1f600}[', -1.5e-3, true, null, [[1], {b: ['}']}], 'end'], b: 12};
  const seen: Json[] = [];
  const scanner = new ElementScanner('a.json', {a: element => seen.push(element)});
  for (const byte of Buffer.from(JSON.stringify(value, null, 1))) scanner.take(Buffer.of(byte));
  scanner.finish();
  t.true(scanner.complete);
  t.deepEqual(seen, value.a as Json[]);
});

test('elements are what JSON.parse makes of them', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue({maxDepth: 4})), async list => {
      const content = JSON.stringify({a: list});
      const {seen} = await elements(t, content, 'a');
      // Keys called __proto__ are left out, by a test of their own.
      if (content.includes('"__proto__"')) return;
      t.is(JSON.stringify(seen.map(([, , value]) => value)), JSON.stringify(list));
    }),
    {numRuns: 40},
  );
});

test('a prototype in the file changes nothing', async t => {
  const {seen} = await elements(t, '{"a": [{"__proto__": {"x": 1}, "constructor": 2}]}', 'a');
  const [[, , element]] = seen;
  t.deepEqual(Object.entries(element as object), [['constructor', 2]]);
  t.false('x' in (element as object));
});

const broken: [string, string | Buffer, RegExp][] = [
  ['a file that is cut short', '{"a": [1, 2', /a\.json: byte 11: the file is cut short/],
  ['a text that is cut short', '{"é": "', /byte 8: the file is cut short/],
  ['an empty file', '', /byte 0: the file is cut short/],
  ['NaN', '{"a":\n [1, NaN]}', /byte 11 \(line 2\): no valid JSON, expected a value, found "NaN\]}"/],
  ['a comma too many', '[1,]', /byte 3 \(line 1\): .*unexpected token/],
  ['no comma between lists', '{"a": [] "b": []}', /byte 9 .*no valid JSON/],
  ['a comma at the start', '{"a": [,1]}', /byte 7 .*no valid JSON/],
  ['a key without a value', '{"a": [], "b"}', /byte 13 .*no valid JSON/],
  ['a bracket that closes another', '{"a": [1}', /byte 8 .*no valid JSON/],
  ['what is wrong in what is skipped', '{"b": {"c": 01}, "a": []}', /byte 1[23] .*no valid JSON/],
  ['bytes after an umlaut', '{"ü": [1 2]}', /byte 10 .*expected ','/],
  ['something after the end', '{"a": []} {}', /byte 10 .*unexpected characters/],
  ['a byte-order mark', '\ufeff{"a": []}', /byte 0: a byte-order mark/],
  ['UTF-16', Buffer.from('\ufeff{"a": []}', 'utf16le'), /byte 0: a byte-order mark/],
  ['an image', Buffer.from('89504e470d0a1a0a00', 'hex'), /byte 0 .*no valid JSON/],
  ['a list that is there twice', '{"a": [], "a": []}', /has "a" twice/],
  ['a nesting bomb in a list', `{"a": [1, ${'['.repeat(1e5)}`, /more than 32 levels deep at a\[1\]/],
  ['a nesting bomb elsewhere', `{"b": ${'{"x":'.repeat(1e5)}`, /more than 32 levels deep/],
];
for (const [what, content, message] of broken) {
  test(`${what} is refused, with the byte`, async t => {
    await t.throwsAsync(elements(t, content, 'a', ''), {instanceOf: DatasetError, message});
  });
}

test('no file, a folder and a pipe are refused, and nobody waits', async t => {
  const folder = await filesIn(t, {});
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await t.throwsAsync(forEachElement(join(folder, 'none'), {}), {message: /none: no such file/});
  await t.throwsAsync(forEachElement(folder, {}), {message: /expected a JSON file, got a folder/});
  await t.throwsAsync(forEachElement(join(folder, 'pipe'), {}), {message: /got a pipe or device/});
});

test('memory does not grow with the file', async t => {
  const folder = await filesIn(t, {});
  const file = join(folder, 'large.json');
  const stream = createWriteStream(file);
  const element = `${JSON.stringify({id: 1, bbox: [1, 2, 3, 4], name: 'x'.repeat(5000)})},\n`;
  stream.write('{"a": [');
  for (let i = 0; i < 4000; i++) stream.write(element);
  await new Promise(resolve => stream.end('0]}', () => resolve(undefined)));
  let count = 0;
  let most = 0;
  await forEachElement(file, {
    a: () => {
      if (count++ % 100 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
    },
  });
  t.is(count, 4001);
  t.true(most < 200e6, `${most} bytes`);
});
