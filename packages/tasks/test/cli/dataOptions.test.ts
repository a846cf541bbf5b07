import test from 'ava';
import {Command} from 'commander';
import {dataFlags, quoted, type RawDataOptions, withDataOptions} from '../../src/cli/dataOptions.js';

const parse = (argv: readonly string[]) =>
  withDataOptions(new Command('x')).parse(argv, {from: 'user'}).opts<RawDataOptions>();

test('the flags of data options give the same options again', t => {
  const argv = [
    '--masks',
    'a/b',
    '--suffix',
    '_mask',
    '--categories',
    'wall=0,cell=255',
    '--ignore',
    '11,255',
    '--fix',
  ];
  const options = parse(argv);
  t.deepEqual(parse(dataFlags(options).flatMap(flag => flag.split(' '))), options);
  t.deepEqual(dataFlags({}), []);
});

test('words with spaces and marks are quoted as a shell wants it', t => {
  t.is(quoted('voc:a/b-c_1.x'), 'voc:a/b-c_1.x');
  t.is(quoted('my photos'), "'my photos'");
  t.is(quoted("it's"), `'it'\\''s'`);
});
