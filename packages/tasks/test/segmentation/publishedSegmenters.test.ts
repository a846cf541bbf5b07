import {readFileSync} from 'node:fs';
import test from 'ava';
import {publishedSegmenters} from '../../src/segmentation/publishedSegmenters.js';
import {type SegmentationModelRecord, segmentationModels} from '../../src/segmentation/segmentationModels.js';

interface TorchvisionRecord {
  url: string;
  parameters: number;
  meanIou: number;
  pixelAccuracy: number;
  resize: number;
  mean: number[];
  std: number[];
  categories: number;
}

const file = new URL(
  '../../../../fixtures/golden/models/segmentation/torchvision_weights.json',
  import.meta.url,
);

test('every record of published weights says what torchvision’s says, and fits its network', t => {
  const wanted = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, TorchvisionRecord>>;
  t.deepEqual(Object.keys(publishedSegmenters), Object.keys(wanted));
  for (const [name, versions] of Object.entries(wanted)) {
    const model: SegmentationModelRecord = segmentationModels[name as keyof typeof publishedSegmenters];
    t.deepEqual(Object.keys(model.weights!), Object.keys(versions));
    for (const [version, {url, parameters, resize, mean, std, categories, ...accuracy}] of Object.entries(
      versions,
    )) {
      const record = model.weights![version];
      t.is(record.url, url);
      t.regex(url, new RegExp(`-${record.sha256}\\.pth$`));
      t.deepEqual([record.parameters, model.parameters], [parameters, parameters]);
      t.deepEqual(Object.values(record.metrics), [accuracy]);
      t.like(record.preprocess, {resize, mean, std, color: 'rgb', scale: 1 / 255});
      t.is(model.numClasses, categories);
    }
  }
});
