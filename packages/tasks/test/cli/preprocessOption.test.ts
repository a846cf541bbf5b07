import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Preprocess} from '@foveal/core';
import test from 'ava';
import {classNames, labelledFolder} from '../../src/cli/labelledFolder.js';
import {parsePreprocess} from '../../src/cli/preprocessOption.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

const usual: Preprocess = {
  ...{inputSize: [224, 224], resize: 256, color: 'rgb', scale: 1 / 255},
  ...{mean: [0.5, 0.5, 0.5], std: [1, 1, 1]},
};

test('what is given replaces the usual, the rest stays', t => {
  t.deepEqual(parsePreprocess('{"color":"bgr","scale":1,"inputSize":[227,227]}', usual), {
    ...usual,
    ...{color: 'bgr', scale: 1, inputSize: [227, 227]},
  });
  t.false('resize' in parsePreprocess('{"inputSize":[300,300]}', usual));
  t.false('resize' in parsePreprocess('{"resize":null}', usual));
});

test('a file will do', t => {
  const file = join(temporaryFolder(t), 'preprocess.json');
  writeFileSync(file, '{"scale": 1}');
  t.is(parsePreprocess(file, usual).scale, 1);
});

test('everything that is wrong is told at once', t => {
  const error = t.throws(() => parsePreprocess('{"colour":"rgb","scale":-1,"mean":["a"]}', usual));
  for (const word of ['colour', 'scale', 'mean']) t.true(error?.message.includes(word), word);
  t.throws(() => parsePreprocess('{"color":"gray"}', usual), {message: /gray needs 1 values/});
  t.throws(() => parsePreprocess('nonsense', usual), {message: /expected JSON such as/});
});

test('a flat folder tells its table, its images and its classes', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'labels.tsv'), 'file\tindex\na.png\t1\n');
  writeFileSync(join(folder, 'my_classes.tsv'), '1\tn2\tcrane\n0\tn1\tcrane\n2\tn3\tdog\n');
  const found = await labelledFolder(folder);
  t.is(found.file, join(folder, 'labels.tsv'));
  t.deepEqual(found.categories, ['crane (n1)', 'crane (n2)', 'dog']);
  t.deepEqual(classNames('cat\ndog\n'), ['cat', 'dog']);
});
