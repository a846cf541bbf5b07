import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import type {ModelName} from '@foveal/models';
import test from 'ava';
import sharp from 'sharp';
import {classifier} from '../../src/classification/classifier.js';
import {saveCheckpoint} from '../../src/train/checkpoint.js';
import {foveal} from '../support/foveal.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

const categories = ['checks', 'columns', 'rows'];

for (const model of ['linear', 'two_layer', 'resnet20'] satisfies ModelName[]) {
  test.serial(`info tells what a checkpoint of ${model} is and draws what it looks for`, async t => {
    await selectEngine();
    const folder = temporaryFolder(t);
    const file = join(folder, 'model.safetensors');
    await saveCheckpoint(classifier(model, {categories}), file, {
      metrics: {epoch: 3, validation: {top1: 0.5}},
    });
    const templates = join(folder, 'templates.png');
    const {code, stdout, stderr} = await foveal('info', '--checkpoint', file, '--templates', templates);
    t.is(code, 0, stderr);
    t.regex(stdout, new RegExp(`classification, ${model} with [\\d,]+ parameters`));
    t.regex(stdout, /categories {2}3: checks, columns, rows\n.*32 × 32 rgb\n.*epoch 3, top1 0\.5/);
    t.is((await sharp(templates).metadata()).format, 'png');
    const json = JSON.parse((await foveal('info', '--checkpoint', file, '--json')).stdout);
    t.deepEqual(json.categories, categories);
  });
}

test.serial('templates need a checkpoint', async t => {
  const {code, stderr} = await foveal('info', '--templates', 'x.png');
  t.is(code, 2);
  t.regex(stderr, /--templates goes with --checkpoint/);
});
