import {readFileSync} from 'node:fs';
import test from 'ava';
import {type ModelRecord, models} from '../../src/registry.js';
import {publishedWeights} from '../../src/weights/publishedWeights.js';
import type {WeightsTable} from '../../src/weights/weightsRecord.js';
import {golden} from './support.js';

interface TorchvisionRecord {
  url: string;
  parameters: number;
  top1: number | null;
  top5: number | null;
  resize: number;
  crop: number;
  mean: number[];
  std: number[];
}

/** torchvision 0.14's own table. */
const torchvision = JSON.parse(readFileSync(golden('models/torchvision_weights.json'), 'utf8')) as Record<
  string,
  Record<string, TorchvisionRecord>
>;

test('every ImageNet record says what torchvision’s says', t => {
  const table: WeightsTable = publishedWeights;
  for (const [model, versions] of Object.entries(torchvision)) {
    t.deepEqual(Object.keys(table[model]), Object.keys(versions), model);
    for (const [version, wanted] of Object.entries(versions)) {
      const {url, sha256, parameters, metrics, preprocess} = table[model][version];
      t.deepEqual([url, parameters], [wanted.url, wanted.parameters]);
      t.regex(wanted.url, new RegExp(`-${sha256}\\.pth$`));
      t.is(sha256.length, 8);
      t.deepEqual(metrics, wanted.top1 ? {'ImageNet-1K': {top1: wanted.top1, top5: wanted.top5!}} : {});
      // Inside the model, torchvision turns GoogLeNet's images to this.
      const half = [0.5, 0.5, 0.5];
      const [mean, std] = model === 'googlenet' ? [half, half] : [wanted.mean, wanted.std];
      t.like(preprocess, {inputSize: [wanted.crop, wanted.crop], resize: wanted.resize, color: 'rgb', mean});
      t.is(preprocess.scale, 1 / 255);
      preprocess.std.forEach((value, i) => {
        t.true(Math.abs(value - std[i]) < 1e-9);
      });
    }
  }
});

test('records are for models of the registry, with as many parameters', t => {
  for (const [model, versions] of Object.entries(publishedWeights)) {
    const record: ModelRecord = models[model as keyof typeof publishedWeights];
    t.is(record.weights, versions);
    for (const {parameters} of Object.values(versions)) t.is(parameters, record.parameters, model);
  }
  t.is(
    Object.values<ModelRecord>(models).filter(({weights}) => weights).length,
    Object.keys(publishedWeights).length,
  );
});
