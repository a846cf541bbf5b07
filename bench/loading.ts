// Reading 2,000 JPEG photos in batches of 32, shorter side 256, centre 224², normalised: `batches` against PyTorch's
// DataLoader with Pillow, both with a thread or process for each core. FOVEAL_PHOTOS names a folder of photos.
import {availableParallelism} from 'node:os';
import type {Preprocess} from '@foveal/core';
import {selectEngine} from '@foveal/core';
import {batches, type Dataset, decodeImage} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import {TorchPeer} from './peers/torchPeer.ts';
import {photos} from './photos.ts';
import {compare, timed} from './support.ts';

const [count, batchSize] = [2000, 32];
const engine = await selectEngine('torch');
const {files, origin, dispose} = await photos(count);
const workers = availableParallelism();
const peer = await TorchPeer.load('photo_loading', {files, batch: batchSize, workers});

const preprocess: Preprocess = {
  inputSize: [224, 224],
  resize: 256,
  color: 'rgb',
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
const dataset: Dataset = {
  length: count,
  categories: [],
  get: async (index, decoder) => ({
    image: await (decoder?.unseen ?? decodeImage)(files[index]),
    file: files[index],
  }),
};

/** The sum of the first batch, by which both sides are seen to read the same. */
async function read(): Promise<number> {
  let sum: number | undefined;
  for await (const {images, labels} of batches(dataset, {batchSize, preprocess, decodeThreads: workers})) {
    sum ??= tf.tidy(() => tf.sum(images).dataSync()[0]);
    tf.dispose([images, labels]);
  }
  return sum ?? 0;
}

const [mine, theirs] = [await read(), await peer.result()];
if (Math.abs(mine - theirs) > 1e-4 * Math.abs(theirs) + 1) {
  throw new Error(`loading: the first batches differ: their values add up to ${mine} and ${theirs}.`);
}
await compare({
  name: `reading ${count.toLocaleString('en')} JPEGs (${origin}) in batches of ${batchSize}, 224²`,
  peer: `${peer.version} DataLoader with Pillow, ${workers} processes`,
  ours: timed(read),
  theirs: peer.run,
  rounds: 5,
  warmUp: 0,
  versions: [engine.version, `${workers} threads`],
});
peer.close();
await dispose();
process.exit();
