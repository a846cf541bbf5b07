// R-CNN (2014), Fast R-CNN (2015) and Faster R-CNN (2015) on the same few images, with the same backbone: SqueezeNet 1.1
// pretrained on ImageNet, of which all three use the maps of stride 16.
//   node --import=tsx packages/tasks/recipes/rcnnStory.ts --data VOC_FOLDER --weights squeezenet1_1.safetensors \
//     --colors bgr --out runs/rcnnStory
// The data is in Pascal VOC's layout with lists `train` and `val`; the first 30 and 15 images of them are used. `--method
// rcnn|fast|faster` runs one of the three; what has been run stays in the folder and in the table.
// Blood cells (BCCD), 800 proposals an image, 120 steps of two images (R-CNN: 40 of 128 regions), one run each, on two
// cores of which other programs had most; so core seconds compare, and seconds on the clock much less:
//   | | AP50 | s an image | of it search | core seconds an image |
//   | R-CNN | 65.0 | 15.16 | 4.03 | 4.22 |
//   | Fast R-CNN | 56.5 | 2.22 | 1.58 | 1.10 |
//   | Faster R-CNN | 60.2 | 0.18 | 0.00 | 0.20 |
// Each step is faster than the last: 3.8 and 5.5 times in core seconds, and with Fast R-CNN most is the search. Of 15
// images the accuracy says little: WBC 98, 92 and 99, RBC 49, 47 and 82, platelets 47, 31 and 0, which few steps had not
// taught Faster R-CNN. R-CNN's regions are 127 pixels here, not 227, for which it would be three times as slow. Training
// took 5.4 and 4.2 minutes for the last two, and 3.7 core minutes in two parts for R-CNN.
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {Random, selectEngine} from '@foveal/core';
import {type Dataset, type Image, randomFlip, type Sample, subset, voc, vocAp} from '@foveal/data';
import {imageNetEval, loadWeights, squeezeNet1_1} from '@foveal/models';
import {
  curve,
  type DetectionNetwork,
  type Detections,
  detector,
  fasterRcnn,
  fastRcnn,
  proposalCache,
  Rcnn,
  selectiveSearch,
  train,
  trainRcnn,
} from '@foveal/tasks';
import {caffeNormalisation, caffeSqueezeNet} from './caffeSqueezeNet.ts';

const {values: given} = parseArgs({
  options: {
    data: {type: 'string', default: ''},
    weights: {type: 'string', default: ''},
    colors: {type: 'string', default: 'rgb'},
    out: {type: 'string', default: 'runs/rcnnStory'},
    method: {type: 'string'},
    images: {type: 'string', default: '30,15'},
    proposals: {type: 'string', default: '800'},
    steps: {type: 'string', default: '120'},
    size: {type: 'string', default: '480'},
  },
});
for (const [name, path] of [
  ['data', given.data],
  ['weights', given.weights],
]) {
  if (path && existsSync(path)) continue;
  console.error(
    `rcnnStory: --${name} ${path || 'is missing'}: expected a ${name === 'data' ? "folder in VOC's layout" : '.safetensors file of SqueezeNet 1.1'}.`,
  );
  process.exit(2);
}

const engine = await selectEngine();
const [limit, steps, minSize] = [given.proposals, given.steps, given.size].map(Number);
const [training, testing] = await Promise.all(
  given.images.split(',').map(async (count, i) => {
    const dataset = await voc(given.data, {split: ['train', 'val'][i], fix: true});
    return subset(
      dataset,
      Array.from({length: Math.min(Number(count), dataset.length)}, (_, k) => k),
    );
  }),
);
const {categories} = training;
mkdirSync(given.out, {recursive: true});

const caffe = given.colors === 'bgr';
const normalisation = caffe ? caffeNormalisation : {mean: imageNetEval.mean, std: imageNetEval.std};

async function backbone() {
  if (caffe) return caffeSqueezeNet(given.weights);
  const network = squeezeNet1_1({random: new Random(0)});
  await loadWeights(network, given.weights);
  return network;
}

/** What a method came to. */
interface Outcome {
  method: string;
  /** Mean average precision of Pascal VOC at an overlap of 0.5, in [0, 1]. */
  ap50: number;
  perCategory: Record<string, number | null>;
  /** One image at a time, decoded already. */
  secondsPerImage: number;
  /** The same as time of all cores together, which other programs on the machine do not lengthen. */
  cpuSecondsPerImage: number;
  /** The part of `secondsPerImage` in which proposals were searched. */
  searchSeconds: number;
  trainingMinutes: number;
}

type Predict = (image: Image) => Promise<Detections>;

let searching = 0;
/** A search that is never remembered, for what it takes is part of a prediction. */
const search = (image: Image) => {
  const start = performance.now();
  const boxes = selectiveSearch(image, {limit});
  searching += (performance.now() - start) / 1000;
  return boxes;
};
const remembered = proposalCache(join(given.out, 'proposals'), {limit});
let predicting = false;
const proposals = (image: Image) => (predicting ? search(image) : remembered(image));

const flip = randomFlip();

async function trainNetwork(name: string, network: DetectionNetwork): Promise<Predict> {
  const task = detector(network, {categories, score: 'AP50'});
  await train(task, training, {
    steps,
    batchSize: 2,
    optimizer: 'sgd',
    learningRate: 0.005,
    warmup: 1,
    weightDecay: 5e-4,
    clipNorm: 10,
    augment: flip,
    out: join(given.out, name),
    overwrite: true,
    seed: 1,
  });
  network.eval();
  return async image => (await task.predict([image]))[0];
}

const methods: Record<string, {title: string; build: () => Promise<Predict>}> = {
  rcnn: {
    title: 'R-CNN',
    async build() {
      const model = new Rcnn(await backbone(), {
        categories,
        // Half the side of ImageNet's images leaves maps of 7 × 7, as many cells as the other two cut out for a box.
        preprocess: {inputSize: [127, 127], color: 'rgb', scale: 1 / 255, ...normalisation},
        context: 9,
        proposals,
        random: new Random(1),
      });
      await trainRcnn(model, training, {
        out: join(given.out, 'rcnn'),
        steps: Math.round(steps / 3),
        seed: 1,
        onProgress: ({stage, done, total, loss}) => {
          if (done % 10 === 0 || done === total)
            console.error(
              `${stage} ${done} of ${total}${loss === undefined ? '' : `, loss ${loss.toFixed(3)}`}`,
            );
        },
      });
      return async image => (await model.predict([image]))[0];
    },
  },
  fast: {
    title: 'Fast R-CNN',
    async build() {
      const options = {categories: categories.length, minSize, maxSize: 1000, representation: 256, limit};
      const network = fastRcnn(await backbone(), {
        ...options,
        ...normalisation,
        proposals,
        random: new Random(1),
      });
      return trainNetwork('fast', network);
    },
  },
  faster: {
    title: 'Faster R-CNN',
    async build() {
      const options = {
        categories: categories.length,
        minSize,
        maxSize: 1000,
        representation: 256,
        form: 'c4',
      } as const;
      const network = fasterRcnn(await backbone(), {
        ...options,
        ...normalisation,
        rois: {perImage: 64},
        proposals: {
          beforeNms: {training: 2000, prediction: 1000},
          afterNms: {training: 1000, prediction: 300},
        },
        random: new Random(1),
      });
      return trainNetwork('faster', network);
    },
  },
};

async function run(name: string): Promise<Outcome> {
  const {title, build} = methods[name];
  const start = performance.now();
  predicting = false;
  const predict = await build();
  const trainingMinutes = (performance.now() - start) / 60_000;

  predicting = true;
  const samples = await all(testing);
  await predict(samples[0].image);
  searching = 0;
  const begun = performance.now();
  const usage = process.cpuUsage();
  const found: Detections[] = [];
  for (const {image} of samples) found.push(await predict(image));
  const seconds = (performance.now() - begun) / 1000;
  const {user, system} = process.cpuUsage(usage);
  const scores = vocAp(
    {...joined(samples), boxes: Float32Array.from(samples.flatMap(({boxes = []}) => [...boxes]))},
    {
      ...joined(found),
      boxes: Float32Array.from(found.flatMap(({boxes}) => [...boxes])),
      scores: Float32Array.from(found.flatMap(({scores}) => [...scores])),
    },
    {categories},
  );
  return {
    method: title,
    ap50: scores.mAP ?? 0,
    perCategory: Object.fromEntries(
      Object.entries(scores.categories).map(([category, {AP}]) => [category, AP]),
    ),
    secondsPerImage: seconds / samples.length,
    cpuSecondsPerImage: (user + system) / 1e6 / samples.length,
    searchSeconds: searching / samples.length,
    trainingMinutes,
  };
}

const all = (dataset: Dataset): Promise<Sample[]> =>
  Promise.all(Array.from({length: dataset.length}, (_, i) => dataset.get(i)));

/** The image and the label of each object. */
const joined = (images: readonly {labels?: Int32Array}[]) => ({
  images: Int32Array.from(images.flatMap(({labels = []}, i) => Array.from(labels, () => i))),
  labels: Int32Array.from(images.flatMap(({labels = []}) => [...labels])),
});

const file = join(given.out, 'outcomes.json');
const outcomes = new Map<string, Outcome>(
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as [string, Outcome][]) : [],
);
console.log(`${training.length} images to learn from, ${testing.length} to judge by, on ${engine.name}`);
for (const name of given.method ? [given.method] : Object.keys(methods)) {
  outcomes.set(name, await run(name));
  writeFileSync(file, JSON.stringify([...outcomes], null, 2));
}

const ordered = Object.keys(methods).flatMap(name => outcomes.get(name) ?? []);
console.log('\n| | AP50 | s an image | of it search | core seconds an image | training, min |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const {method, ap50, ...took} of ordered) {
  const seconds = [took.secondsPerImage, took.searchSeconds, took.cpuSecondsPerImage];
  const cells = [
    (100 * ap50).toFixed(1),
    ...seconds.map(value => value.toFixed(2)),
    took.trainingMinutes.toFixed(1),
  ];
  console.log(`| ${method} | ${cells.join(' | ')} |`);
}
for (const {method, perCategory} of ordered) {
  const parts = Object.entries(perCategory).map(
    ([name, ap]) => `${name} ${ap === null ? '–' : (100 * ap).toFixed(1)}`,
  );
  console.log(`${method}: ${parts.join(', ')}`);
}
const chart = await curve({
  title: 'Each step faster than the last',
  xName: 'seconds an image',
  panels: [
    {
      title: 'average precision at half overlap',
      percent: true,
      series: ordered.map(({method, secondsPerImage, ap50}) => ({
        name: method,
        points: [[secondsPerImage, ap50]],
        style: 'marked' as const,
      })),
    },
  ],
});
writeFileSync(join(given.out, 'rcnnStory.png'), chart);
