import test from 'ava';
import {bar, count, duration, percent, plural} from '../../src/terminal/format.js';
import {table} from '../../src/terminal/table.js';

test('durations read as people say them', t => {
  t.deepEqual([0.4, 8, 59.6, 185, 7800, Number.NaN].map(duration), [
    '0 s',
    '8 s',
    '1 min 00 s',
    '3 min 05 s',
    '2 h 10 min',
    '?',
  ]);
});

test('a share below one is never 100 %', t => {
  t.deepEqual(
    [0, 0.915, 0.99999, 1].map(share => percent(share)),
    ['0.0 %', '91.5 %', '99.9 %', '100.0 %'],
  );
});

test('numbers have their thousands apart, and one is singular', t => {
  t.deepEqual(
    [count(12345.6), count(3.14), plural(1, 'image'), plural(2, 'image')],
    ['12,346', '3.1', '1 image', '2 images'],
  );
});

test('a bar has one width, filled or not', t => {
  t.deepEqual(
    [0, 0.5, 1, 7].map(share => bar(share, 4)),
    ['────', '━━──', '━━━━', '━━━━'],
  );
});

test('columns of a table stand under each other', t => {
  t.is(table(['a', 'bbb'], [['cccc', 'd']]), 'a     bbb\n────  ───\ncccc  d\n');
});
