import {appendFileSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import test, {type ExecutionContext} from 'ava';
import {classifier} from '../../src/classification/classifier.js';
import {saveCheckpoint} from '../../src/train/checkpoint.js';
import {foveal} from '../support/foveal.js';
import {patterns, writeFolder} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

/** A folder of images, and two classifiers that nobody trained. */
async function prepared(t: ExecutionContext) {
  await selectEngine();
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const dataset = patterns(6);
  await writeFolder(dataset, data);
  const checkpoints: string[] = [];
  for (const seed of [1, 2]) {
    const path = join(folder, `${seed}.safetensors`);
    await saveCheckpoint(classifier('lenet5', {categories: dataset.categories, seed}), path);
    checkpoints.push(path);
  }
  return {folder, data, checkpoints};
}

test.serial('several checkpoints and crops are averaged on the command line', async t => {
  const {folder, data, checkpoints} = await prepared(t);
  const [one, two] = checkpoints;
  const scores = async (...argv: string[]) => {
    const {code, stdout, stderr} = await foveal('predict', data, '--json', '--top', '3', ...argv);
    t.is(code, 0, stderr);
    const records = JSON.parse(stdout) as {categories: {category: string; score: number}[]}[];
    return records.map(
      ({categories}) => new Map(categories.map(({category, score}) => [category, score] as const)),
    );
  };
  const [a, b] = [await scores('--checkpoint', one), await scores('--checkpoint', two)];
  const both = await scores('--checkpoint', one, '--checkpoint', two);
  for (const [i, all] of both.entries()) {
    for (const [category, score] of all) {
      const mean = ((a[i].get(category) ?? 0) + (b[i].get(category) ?? 0)) / 2;
      t.true(Math.abs(score - mean) < 1e-6);
    }
  }
  const cropped = await scores('--checkpoint', one, '--crops', '10');
  t.true(
    cropped.some((all, i) => [...all].some(([name, score]) => Math.abs(score - a[i].get(name)!) > 1e-4)),
  );
  const evaluated = await foveal(
    ...['eval', '--checkpoint', one, '--checkpoint', two, '--crops', '5', '--data', data, '--json'],
  );
  t.is(JSON.parse(evaluated.stdout).images, 6);
  t.is((await foveal('predict', data, '--checkpoint', one, '--crops', '3')).code, 2);

  const other = join(folder, 'other.safetensors');
  await saveCheckpoint(classifier('lenet5', {categories: ['cats', 'dogs', 'eels']}), other);
  const {code, stderr} = await foveal('eval', '--checkpoint', one, '--checkpoint', other, '--data', data);
  t.is(code, 1);
  t.regex(stderr, /member 2 has other categories/);
});

const filesIn = (results: string) =>
  results
    .trimEnd()
    .split('\n')
    .map(line => (JSON.parse(line) as {file: string}).file)
    .sort();

test.serial('results are not completed by another model, nor with other options', async t => {
  const {folder, data, checkpoints} = await prepared(t);
  const [one, two] = checkpoints;
  const out = join(folder, 'results.jsonl');
  const run = (checkpoint: string, ...more: string[]) =>
    foveal('predict', data, '--checkpoint', checkpoint, '--out', out, ...more);
  t.is((await run(one)).code, 0);
  const whole = readFileSync(out, 'utf8');
  const cut = whole.split('\n').slice(0, 2).join('\n') + '\n';
  writeFileSync(out, cut);

  const refused = await run(two, '--resume');
  t.is(refused.code, 1);
  t.regex(
    refused.stderr,
    /results\.jsonl was begun with another model or other options:\n {2}weights: \S+1\.safetensors \(SHA-256 \w{8}…\) then, \S+2\.safetensors .* now\nResume it with those/,
  );
  t.regex((await run(one, '--resume', '--crops', '2')).stderr, /crops: not set then, 2 now/);
  t.is(readFileSync(out, 'utf8'), cut);

  t.is((await run(one, '--resume')).code, 0);
  // Batches of other sizes round otherwise, so the files are compared alone.
  t.deepEqual(filesIn(readFileSync(out, 'utf8')), filesIn(whole));
  t.is((await run(two, '--overwrite')).code, 0);
  t.not(readFileSync(out, 'utf8'), whole);
  t.is((await run(two, '--resume')).code, 0);

  appendFileSync(join(folder, 'results.source.json'), 'x');
  t.regex((await run(two, '--resume')).stderr, /results\.source\.json does not tell/);
});
