import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Random, selectEngine} from '@foveal/core';
import {classifier, encodePng, loadCheckpoint, saveCheckpoint} from '@foveal/tasks';
import test, {type ExecutionContext} from 'ava';
import {temporaryFolder} from '../packages/tasks/test/support/temporaryFolder.js';

const classes = ['dark', 'light'];

/** Two classes that any network can tell apart: dark and light noise. */
async function pictures(t: ExecutionContext, name: (label: number, i: number) => string): Promise<string> {
  const folder = temporaryFolder(t);
  const random = new Random(1);
  for (const label of [0, 1]) {
    mkdirSync(join(folder, classes[label]), {recursive: true});
    for (let i = 0; i < 20; i++) {
      const data = Uint8Array.from({length: 32 * 32 * 3}, () => 150 * label + random.int(100));
      const png = await encodePng({data, width: 32, height: 32, channels: 3});
      writeFileSync(join(folder, name(label, i)), png);
    }
  }
  return folder;
}

const inFolders = (label: number, i: number) => join(classes[label], `${i}.png`);

/** Runs a program as the command line would. @returns what it printed. */
async function run(program: string, ...argv: string[]): Promise<string> {
  const {argv: before} = process;
  const {log} = console;
  const lines: string[] = [];
  console.log = (...values: unknown[]) => void lines.push(values.join(' '));
  process.argv = [process.execPath, program, ...argv];
  try {
    await import(`./${program}?${argv.join('&')}`);
  } finally {
    process.argv = before;
    console.log = log;
  }
  return lines.join('\n');
}

test.serial('trainFromFolder learns two classes, and batchInference reads them', async t => {
  const folder = await pictures(t, inFolders);
  const out = join(temporaryFolder(t), 'run');
  const said = await run('trainFromFolder.ts', folder, out, '8');
  t.regex(said, /^(100\.0|87\.5) % of 8 validation images are right/);
  const results = join(temporaryFolder(t), 'results.jsonl');
  const argv = [join(out, 'best.safetensors'), results, join(folder, 'light')];
  t.regex(await run('batchInference.ts', ...argv), /^20 results added to the 0 in/);
  t.regex(await run('batchInference.ts', ...argv, folder), /^20 results added to the 20 in/);
  t.is(new Set(readFileSync(results, 'utf8').trimEnd().split('\n')).size, 40);
});

/** Images with a bright square on a dark ground each, labelled in COCO's form. */
async function squares(t: ExecutionContext): Promise<string> {
  const folder = temporaryFolder(t);
  const random = new Random(1);
  const [images, annotations]: object[][] = [[], []];
  for (let id = 0; id < 8; id++) {
    const data = Uint8Array.from({length: 64 * 64 * 3}, () => random.int(60));
    const [left, top] = [random.int(32), random.int(32)];
    for (let y = top; y < top + 24; y++) data.fill(220, 3 * (64 * y + left), 3 * (64 * y + left + 24));
    writeFileSync(join(folder, `${id}.png`), await encodePng({data, width: 64, height: 64, channels: 3}));
    images.push({id, file_name: `${id}.png`, width: 64, height: 64});
    annotations.push({id, image_id: id, category_id: 1, bbox: [left, top, 24, 24], area: 576, iscrowd: 0});
  }
  const file = join(folder, 'squares.json');
  writeFileSync(file, JSON.stringify({images, annotations, categories: [{id: 1, name: 'square'}]}));
  return file;
}

test.serial('trainDetector leaves a detector that opens by itself', async t => {
  const out = join(temporaryFolder(t), 'run');
  const said = await run('trainDetector.ts', await squares(t), out, '', '1', '64');
  t.regex(said, /^AP -?\d\.\d{3}, at half overlap -?\d\.\d{3}; the model: .*best\.safetensors\n.*\d\.png/);
  const {task} = await loadCheckpoint(join(out, 'best.safetensors'), 'detection');
  t.deepEqual(task.description.options, {backbone: 'resnet18', imageSize: 64});
});

test.serial('fineTune replaces the last layer of weights for ten classes', async t => {
  await selectEngine();
  const folder = await pictures(t, inFolders);
  const weights = join(temporaryFolder(t), 'ten.safetensors');
  const ten = classifier('resnet20', {categories: Array.from({length: 10}, (_, i) => String(i))});
  await saveCheckpoint(ten, weights);
  const said = await run('fineTune.ts', folder, weights, join(temporaryFolder(t), 'run'), '1');
  t.regex(said, /started anew for 2 classes: linear\.weight, linear\.bias/);
  t.regex(said, /% of 8 validation images are right/);
});

test.serial('ownDataset reads classes from names', async t => {
  const folder = await pictures(t, (label, i) => `${classes[label]}_${i}.png`);
  const said = await run('ownDataset.ts', folder, '3');
  t.regex(said, /^dark: 20 images\nlight: 20 images\nloss /);
  const losses = said.match(/\d+\.\d+/g)?.map(Number) ?? [];
  t.true(losses[2] < losses[0], said);
});

test.serial('ownTrainingLoop makes the loss fall', async t => {
  const said = await run('ownTrainingLoop.ts', await pictures(t, inFolders), '3');
  const losses = [...said.matchAll(/loss (\d+\.\d+)/g)].map(([, loss]) => Number(loss));
  t.is(losses.length, 3);
  t.true(losses[2] < losses[0] / 2, said);
});
