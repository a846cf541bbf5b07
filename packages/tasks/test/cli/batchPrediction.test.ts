import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {selectEngine} from '@foveal/core';
import test, {type ExecutionContext} from 'ava';
import {classifier} from '../../src/classification/classifier.js';
import {saveCheckpoint} from '../../src/train/checkpoint.js';
import {foveal, startFoveal} from '../support/foveal.js';
import {patterns, writePng} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

const dataset = patterns(40);

async function inbox(t: ExecutionContext) {
  await selectEngine();
  const folder = temporaryFolder(t);
  const checkpoint = join(folder, 'model.safetensors');
  await saveCheckpoint(classifier('lenet5', {categories: dataset.categories}), checkpoint);
  const images = join(folder, 'images');
  mkdirSync(images);
  const files = Array.from({length: dataset.length}, (_, i) => join(images, `${i}.png`));
  for (const [i, file] of files.entries()) await writePng((await dataset.get(i)).image, file);
  return {folder, checkpoint, images, files};
}

const filesIn = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).file as string);

test.serial('a killed run is completed: each image once, the same results as in one go', async t => {
  const {folder, checkpoint, images, files} = await inbox(t);
  const out = join(folder, 'results.jsonl');
  const argv = ['predict', '--checkpoint', checkpoint, images, '--batch-size', '1', '--out', out];
  const {child, ended} = startFoveal(...argv);
  // As soon as something is written; it may well be all of it.
  while (child.exitCode === null && !(existsSync(out) && statSync(out).size > 200)) await setTimeout(2);
  child.kill('SIGKILL');
  await ended;
  const {length: before} = filesIn(out);
  writeFileSync(out, `${readFileSync(out, 'utf8')}{"file":"${files[39].slice(0, 20)}`);

  const resumed = await foveal(...argv, '--resume');
  t.is(resumed.code, 0, resumed.stderr);
  t.is(resumed.stdout, '');
  t.regex(resumed.stderr, new RegExp(`${before ? `${40 - before} results? added` : '40 results added'}`));
  t.deepEqual(filesIn(out).sort(), [...files].sort());

  const whole = join(folder, 'whole.jsonl');
  await foveal('predict', '--checkpoint', checkpoint, images, '--batch-size', '1', '--out', whole);
  t.deepEqual(readFileSync(out, 'utf8').split('\n').sort(), readFileSync(whole, 'utf8').split('\n').sort());

  const again = await foveal(...argv, '--resume');
  t.regex(again.stderr, /0 results added, 40 were there/);
  t.is((await foveal(...argv)).code, 1);
});

test.serial('processes with RANK and WORLD_SIZE share the images, and broken ones are listed', async t => {
  const {folder, checkpoint, images, files} = await inbox(t);
  writeFileSync(join(images, 'broken.png'), 'no image');
  const seen: string[] = [];
  const failed: string[] = [];
  for (const RANK of ['0', '1', '2']) {
    Object.assign(process.env, {RANK, WORLD_SIZE: '3'});
    try {
      const argv = ['predict', '--checkpoint', checkpoint, images, '--out', join(folder, 'out.jsonl')];
      await foveal(...argv);
    } finally {
      delete process.env['RANK'];
      delete process.env['WORLD_SIZE'];
    }
    seen.push(...filesIn(join(folder, `out.${RANK}-of-3.jsonl`)));
    const failures = join(folder, `out.${RANK}-of-3.failures.jsonl`);
    if (existsSync(failures)) failed.push(...filesIn(failures));
  }
  t.deepEqual(seen.sort(), [...files].sort());
  t.deepEqual(failed, [join(images, 'broken.png')]);
});

test.serial('a CSV has a heading and a line for each image of a glob', async t => {
  const {folder, checkpoint, images} = await inbox(t);
  const out = join(folder, 'results.csv');
  const argv = ['predict', '--checkpoint', checkpoint, join(images, '1*.png'), '--top', '2', '--out', out];
  t.is((await foveal(...argv)).code, 0);
  const [heading, ...lines] = readFileSync(out, 'utf8').trimEnd().split('\n');
  t.is(heading, 'file,category,score,category_2,score_2');
  t.is(lines.length, 11);
  for (const line of lines) t.regex(line, /1\d?\.png,(checks|rows|columns),0\.\d+,\w+,0\.\d+$/);
});
