import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import test from 'ava';
import {classifier} from '../../src/classification/classifier.js';
import {saveCheckpoint} from '../../src/train/checkpoint.js';
import {foveal} from '../support/foveal.js';
import {patterns, writePng} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.serial('weights are measured on a flat folder with a table, as --preprocess has it', async t => {
  await selectEngine();
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'images'));
  const dataset = patterns(9);
  const rows = ['file\tindex'];
  for (let i = 0; i < dataset.length; i++) {
    const {image, label} = await dataset.get(i);
    await writePng(image, join(folder, 'images', `${i}.png`));
    rows.push(`${i}.png\t${label}`);
  }
  writeFileSync(join(folder, 'labels.tsv'), `${rows.join('\n')}\n`);
  writeFileSync(join(folder, 'classes.txt'), `${dataset.categories.join('\n')}\n`);
  const task = classifier('lenet5', {categories: dataset.categories});
  const weights = join(folder, 'weights.safetensors');
  await saveCheckpoint(task, weights);

  const evaluate = async (...more: string[]) => {
    const argv = ['eval', '--model', 'lenet5', '--weights', weights, '--data', folder, '--json', ...more];
    const {code, stdout, stderr} = await foveal(...argv);
    t.is(code, 0, stderr);
    return JSON.parse(stdout) as {loss: number; images: number; perClass: {category: string}[]};
  };
  const usual = await evaluate();
  t.is(usual.images, 9);
  t.deepEqual(
    usual.perClass.map(({category}) => category),
    [...dataset.categories],
  );
  const blank = await evaluate('--preprocess', '{"scale": 1e-9, "mean": [0], "std": [1]}');
  t.not(usual.loss, blank.loss);
  // Every image is black to it: the loss is that of one answer to three classes of three images each.
  t.true(blank.loss >= Math.log(3) - 1e-6);
  t.is((await foveal('eval', '--checkpoint', weights, '--data', folder, '--preprocess', '{}')).code, 2);
});
