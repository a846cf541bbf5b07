import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Random} from '@foveal/core';
import {maskFolder} from '@foveal/data';
import test from 'ava';
import {encodePng} from '../../src/draw/encodePng.js';
import {indexPng} from '../../src/segmentation/indexPng.js';
import {foveal} from '../support/foveal.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

/** Bright squares on a dark ground, with masks, as files. */
async function squares(folder: string): Promise<void> {
  for (const name of ['images', 'masks']) await mkdir(join(folder, name), {recursive: true});
  for (let n = 0; n < 6; n++) {
    const random = new Random(n);
    const [width, height] = [32, 24];
    const [x0, y0] = [random.int(16), random.int(8)];
    const classMap = Uint8Array.from({length: width * height}, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return x >= x0 && x < x0 + 14 && y >= y0 && y < y0 + 14 ? 1 : 0;
    });
    const data = Uint8Array.from({length: 3 * classMap.length}, (_, i) =>
      classMap[Math.floor(i / 3)] ? 220 : 40,
    );
    await writeFile(join(folder, 'images', `${n}.png`), await encodePng({data, width, height, channels: 3}));
    await writeFile(join(folder, 'masks', `${n}.png`), indexPng({classMap, width, height}, 2));
  }
}

test.serial('foveal trains a segmenter, measures it, and writes masks that are read back', async t => {
  t.timeout(120_000);
  const folder = await temporaryFolder(t);
  await squares(folder);
  const data = [
    '--data',
    `masks:${folder}/images`,
    '--masks',
    `${folder}/masks`,
    '--categories',
    'ground,square',
  ];
  const run = join(folder, 'run');
  const trained = await foveal(
    ...[
      'train',
      'segment',
      '--model',
      'unet',
      '--channels',
      '2',
      ...data,
      '--steps',
      '30',
      '--batch-size',
      '2',
    ],
    ...['--learning-rate', '0.01', '--loss', 'crossEntropy,dice', '--augment', 'flip', '--out', run],
  );
  t.is(trained.code, 0, trained.stderr);
  t.regex(trained.stdout + trained.stderr, /mean IoU/);
  const checkpoint = join(run, 'best.safetensors');
  const report = join(folder, 'report');
  const measured = await foveal('eval', '--checkpoint', checkpoint, ...data, '--out', report);
  t.is(measured.code, 0, measured.stderr);
  t.regex(measured.stdout, /mean IoU .* pixel accuracy .*4,608 pixels of 6 images/s);
  const {meanIou, confusion} = JSON.parse(await readFile(join(report, 'report.json'), 'utf8')) as {
    meanIou: number;
    confusion: number[][];
  };
  t.true(meanIou > 0.3, `mean IoU ${meanIou}`);

  const masks = join(folder, 'predicted');
  const out = join(folder, 'found.jsonl');
  const found = await foveal(
    ...['predict', '--checkpoint', checkpoint, `${folder}/images`, '--index-masks', masks, '--tile', '16'],
    ...['--out', out, '--pictures', join(folder, 'pictures')],
  );
  t.is(found.code, 0, found.stderr);
  const records = (await readFile(out, 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  t.is(records.length, 6);
  t.is(records[0].width, 32);
  const read = await maskFolder(join(folder, 'images'), {masks, categories: ['ground', 'square']});
  t.is(read.length, 6);
  t.is(
    confusion.flat().reduce((a, b) => a + b),
    6 * 32 * 24,
  );
});

test.serial('options that do not fit are refused with what would', async t => {
  const folder = await temporaryFolder(t);
  await squares(folder);
  const data = [
    '--data',
    `masks:${folder}/images`,
    '--masks',
    `${folder}/masks`,
    '--categories',
    'ground,square',
  ];
  const train = (...options: string[]) =>
    foveal('train', 'segment', ...data, '--steps', '1', '--out', join(folder, 'run'), ...options);
  t.regex((await train('--model', 'unnet')).stderr, /unet/);
  t.regex((await train('--model', 'unet', '--encoder', 'resnet18')).stderr, /--encoder is for unet_encoder/);
  t.regex(
    (await train('--model', 'unet', '--loss', 'dise')).stderr,
    /--loss dise: expected crossEntropy, dice/,
  );
  t.regex((await train('--model', 'unet', '--border-weights', 'circle')).stderr, /one of ground, square/);
});
