import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Random} from '@foveal/core';
import test from 'ava';
import {foveal} from '../support/foveal.js';
import {writePng} from '../support/patterns.js';
import {blockCategories, shapeScene} from '../support/shapeScenes.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

/** Eight scenes of one block each, in COCO's format. @returns the file of labels. */
async function writeScenes(folder: string): Promise<string> {
  mkdirSync(folder, {recursive: true});
  const random = new Random(1);
  const annotations: object[] = [];
  for (let i = 0; i < 8; i++) {
    const {image, boxes, labels} = shapeScene(random, 40, 1);
    await writePng(image, join(folder, `${i}.png`));
    const [x1, y1, x2, y2] = boxes ?? [];
    annotations.push({
      id: i + 1,
      image_id: i,
      category_id: labels?.[0],
      bbox: [x1, y1, x2 - x1, y2 - y1],
      area: (x2 - x1) * (y2 - y1),
      iscrowd: 0,
    });
  }
  const images = Array.from({length: 8}, (_, id) => ({id, file_name: `${id}.png`, width: 40, height: 40}));
  const categories = blockCategories.map((name, id) => ({id, name}));
  const file = join(folder, 'labels.json');
  writeFileSync(file, JSON.stringify({images, annotations, categories}));
  return file;
}

test.serial('train, eval and predict place the one object of each image', async t => {
  const folder = temporaryFolder(t);
  const data = await writeScenes(join(folder, 'data'));
  const out = join(folder, 'run');
  const train = [
    'train',
    'localize',
    '--model',
    'nin_cifar',
    '--data',
    data,
    '--out',
    out,
    '--batch-size',
    '4',
  ];
  const trained = await foveal(
    ...train,
    '--epochs',
    '1',
    '--distance',
    'smoothL1',
    '--augment',
    'flip,affine',
  );
  t.is(trained.code, 0, trained.stderr);

  const checkpoint = join(out, 'last.safetensors');
  const measured = join(folder, 'measured');
  const evaluated = await foveal(
    'eval',
    '--checkpoint',
    checkpoint,
    '--data',
    data,
    '--out',
    measured,
    '--json',
  );
  t.is(evaluated.code, 0, evaluated.stderr);
  const report = JSON.parse(evaluated.stdout);
  t.is(report.images, 8);
  t.true(report.meanIou >= 0 && report.localized <= report.top1);
  t.true(existsSync(join(measured, 'report.json')));

  const results = join(folder, 'results.csv');
  const predicted = await foveal(
    'predict',
    '--checkpoint',
    checkpoint,
    join(folder, 'data'),
    '--out',
    results,
  );
  t.is(predicted.code, 0, predicted.stderr);
  const [heading, ...lines] = readFileSync(results, 'utf8').trim().split('\n');
  t.is(heading, 'file,category,score,x1,y1,x2,y2');
  t.is(lines.length, 8);
  for (const line of lines) {
    const [, category, ...numbers] = line.split(',');
    t.true(blockCategories.some(name => name === category));
    t.true(numbers.slice(1).every(value => Number(value) >= 0 && Number(value) <= 40));
  }
  const wrong = await foveal(...train, '--epochs', '1', '--distance', 'cubes', '--overwrite');
  t.not(wrong.code, 0);
  t.regex(wrong.stderr, /distance/);
});
