import {readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {Random, selectEngine} from '@foveal/core';
import {vocAp} from '@foveal/data';
import {loadWeights} from '@foveal/models';
import test from 'ava';
import {Rcnn} from '../../../src/detection/rcnn/rcnn.js';
import {type RcnnProgress, trainRcnn} from '../../../src/detection/rcnn/trainRcnn.js';
import {blockCategories, shapeScenes} from '../../support/shapeScenes.js';
import {temporaryFolder} from '../../support/temporaryFolder.js';
import {TinyBackbone, tinyPreprocess} from '../../support/tinyBackbone.js';

test.before(async () => {
  await selectEngine();
});

const build = () =>
  new Rcnn(new TinyBackbone(1), {
    categories: blockCategories,
    preprocess: tinyPreprocess(32),
    context: 4,
    random: new Random(2),
  });

test('an R-CNN learns scenes in its stages, goes on where it was stopped, and finds the blocks', async t => {
  const dataset = shapeScenes(new Random(7), 4, 64);
  const out = join(temporaryFolder(t), 'rcnn');
  const options = {out, steps: 30, batch: [8, 24], learningRate: 0.01, lambda: 10, cost: 0.01} as const;

  const stop = new AbortController();
  const stages: RcnnProgress['stage'][] = [];
  const stopped = await trainRcnn(build(), dataset, {
    ...options,
    signal: stop.signal,
    onProgress({stage, done}) {
      stages.push(stage);
      if (stage === 'features' && done === 2) stop.abort();
    },
  });
  t.false(stopped);
  t.deepEqual([...new Set(stages)], ['proposals', 'fineTune', 'features']);
  const kept = statSync(join(out, 'features', '0.f32')).mtimeMs;

  const model = build();
  const resumed: RcnnProgress['stage'][] = [];
  t.true(await trainRcnn(model, dataset, {...options, onProgress: ({stage}) => resumed.push(stage)}));
  t.deepEqual([...new Set(resumed)], ['proposals', 'features', 'svms', 'boxes']);
  t.is(statSync(join(out, 'features', '0.f32')).mtimeMs, kept);
  t.true(readdirSync(out).includes('rcnn.safetensors'));

  const found = await model.predict(dataset.samples.map(({image}) => image));
  const score = vocAp(
    {
      images: Int32Array.from(dataset.samples.flatMap(({labels}, i) => [...(labels ?? [])].map(() => i))),
      boxes: Float32Array.from(dataset.samples.flatMap(({boxes}) => [...(boxes ?? [])])),
      labels: Int32Array.from(dataset.samples.flatMap(({labels}) => [...(labels ?? [])])),
    },
    {
      images: Int32Array.from(found.flatMap(({labels}, i) => [...labels].map(() => i))),
      boxes: Float32Array.from(found.flatMap(({boxes}) => [...boxes])),
      labels: Int32Array.from(found.flatMap(({labels}) => [...labels])),
      scores: Float32Array.from(found.flatMap(({scores}) => [...scores])),
    },
    {categories: blockCategories},
  );
  t.true((score.mAP ?? 0) > 0.9, `mAP ${score.mAP}`);
  for (const {scores} of found)
    t.true(scores.every((s, i) => s >= 0 && s <= 1 && (i === 0 || s <= scores[i - 1])));

  const loaded = build();
  await loadWeights(loaded, join(out, 'rcnn.safetensors'));
  t.deepEqual(await loaded.predict([dataset.samples[0].image]), [found[0]]);

  await t.throwsAsync(trainRcnn(build(), dataset, {...options, steps: 31}), {
    message: /other settings \(steps\)/,
  });
});
