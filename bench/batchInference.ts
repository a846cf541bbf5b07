// ResNet-50 over 64 JPEG photos by `predict`, which decodes while the model computes: against the model alone on images
// that are ready, and against the sum of its parts, one after the other. FOVEAL_PHOTOS names a folder of photos. Reading
// can only hide behind the model where a core is free for it: FOVEAL_THREADS says how many the model takes.
import {availableParallelism} from 'node:os';
import {Random, selectEngine} from '@foveal/core';
import {decodeAhead, decodeImage, type Image} from '@foveal/data';
import {resNet50} from '@foveal/models';
import {classifier, predict} from '@foveal/tasks';
import {photos} from './photos.ts';
import {median, record, timed} from './support.ts';

const [count, batchSize] = [64, 8];
const engine = await selectEngine('torch');
const {files, origin, dispose} = await photos(count);
const task = classifier(resNet50({random: new Random(1)}), {
  categories: Array.from({length: 1000}, (_, i) => `class ${i}`),
  preprocess: {
    inputSize: [224, 224],
    resize: 256,
    color: 'rgb',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
});

/** Everything as a user gets it. */
async function whole(): Promise<void> {
  for await (const _ of predict(task, files, {batchSize}));
}

/** What is prepared once stays so: the model gets images of the right size, normalised. */
const ready: Image[] = await Promise.all(files.map(file => decodeImage(file)));
for (const image of ready) await task.prepare?.(image);
async function model(images: readonly Image[] = ready): Promise<void> {
  task.model.eval();
  for (let i = 0; i < count; i += batchSize) await task.predict(images.slice(i, i + batchSize));
}

/** Reading alone, with the same threads. */
async function reading(): Promise<Image[]> {
  const threads = decodeAhead();
  const decoded = await Promise.all(files.map(file => threads.run({file, ...(task.fit && {fit: task.fit})})));
  for (const {image, fitted} of decoded) await task.prepare?.(image, fitted);
  threads.close();
  return decoded.map(({image}) => image);
}

/** In turns, so that a busy machine is busy for all three. */
const rounds: {whole: number; model: number; reading: number}[] = [];
for (let round = -1; round < 7; round++) {
  const times = {
    whole: await timed(whole)(),
    model: await timed(model)(),
    reading: await timed(reading)(),
  };
  if (round >= 0) rounds.push(times);
}
const all = (part: keyof (typeof rounds)[number]) => median(rounds.map(times => times[part]));
const cores = `model on ${engine.threads} of ${availableParallelism()} cores`;
const common = {
  name: `ResNet-50 over ${count} JPEGs (${origin}), batch ${batchSize}, 224², decoding included, ${cores}`,
  rounds: rounds.length,
  versions: [engine.version, `${engine.threads} threads`],
  ours: all('whole'),
  unit: 'ms',
} as const;
await record({...common, peer: 'the model alone, images ready', theirs: all('model')});
await record({
  ...common,
  peer: 'decoding and resizing, then the model',
  theirs: all('model') + all('reading'),
});
await dispose();
process.exit();
