import type {Preprocess, Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import pLimit from 'p-limit';
import {channelsOf, inputLength, writeNormalized} from './applyPreprocess.js';
import type {Dataset} from './dataset.js';
import {fitImage} from './fitImage.js';
import type {Image} from './image.js';
import {ImageDecodeError} from './imageDecodeError.js';
import type {Transform} from './sample.js';

export interface BatchesOptions {
  /** Images a batch; the last may have fewer. */
  batchSize: number;
  /** What the model expects of an image. */
  preprocess: Preprocess;
  /** Puts the images into random order. @defaultValue the dataset's order */
  shuffle?: Random;
  /** Changes each image before it is preprocessed; needs `random`. */
  augment?: Transform;
  /** What `augment` draws from: each image gets a stream of its own, so concurrency changes nothing. */
  random?: Random;
  /** Images read at once. @defaultValue 4 */
  concurrency?: number;
  /** Leaves a last, smaller batch out. @defaultValue false */
  dropLast?: boolean;
  /** Whether a broken image ends everything or is left out and noted in `skipped`. @defaultValue 'fail' */
  onError?: 'fail' | 'skip';
}

/** Images ready for a model. The consumer disposes both tensors. */
export interface ImageBatch {
  /** `[N, height, width, channels]` float32, normalised. */
  images: tf.Tensor4D;
  /** `[N]` int32; −1 where there is no label. */
  labels: tf.Tensor1D;
  /** Where each image comes from. */
  files: string[];
}

/** An image that was left out. */
export interface SkippedFile {
  file: string;
  reason: string;
}

/** Batches in order, each made when it is asked for; iterating again reads again. */
export interface Batches extends AsyncIterable<ImageBatch> {
  /** The broken images that were left out so far. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Reads a dataset in batches. While the consumer works on one batch, the images of the next are read and resized; no
 * more than that, however slow the consumer is.
 *
 * @throws RangeError if an option is out of range; ImageDecodeError for a broken image, unless they are skipped.
 */
export function batches(dataset: Dataset, options: BatchesOptions): Batches {
  checkOptions(options);
  const skipped: SkippedFile[] = [];
  return {skipped, [Symbol.asyncIterator]: () => generate(dataset, options, skipped)};
}

function checkOptions({batchSize, concurrency = 4, augment, random}: BatchesOptions): void {
  for (const [name, value] of Object.entries({batchSize, concurrency})) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`batches: ${name} must be a whole number from 1 up, got ${value}.`);
    }
  }
  if (augment && !random) throw new RangeError('batches: augment needs random, which it draws from.');
}

interface Prepared {
  image: Image;
  label: number;
  file: string;
}

async function* generate(
  dataset: Dataset,
  options: BatchesOptions,
  skipped: SkippedFile[],
): AsyncGenerator<ImageBatch, void, undefined> {
  const {batchSize, preprocess, dropLast = false, onError = 'fail'} = options;
  const next = readAhead(dataset, options);
  for (;;) {
    const ready: Prepared[] = [];
    while (ready.length < batchSize) {
      const reading = next();
      if (reading === undefined) break;
      try {
        ready.push(await reading);
      } catch (error) {
        if (onError === 'fail' || !(error instanceof ImageDecodeError)) throw error;
        skipped.push({file: error.file, reason: error.reason});
      }
    }
    if (ready.length === 0 || (dropLast && ready.length < batchSize)) return;
    yield assemble(ready, preprocess);
  }
}

/** Gives the samples in order, always at work on the two batches to come. */
function readAhead(dataset: Dataset, options: BatchesOptions): () => Promise<Prepared> | undefined {
  const {batchSize, shuffle, augment, random, preprocess, concurrency = 4} = options;
  const order = Uint32Array.from({length: dataset.length}, (_, i) => i);
  shuffle?.shuffle(order);
  const limit = pLimit(concurrency);
  const queue: Promise<Prepared>[] = [];
  let started = 0;

  async function prepare(index: number, stream: Random | undefined): Promise<Prepared> {
    const read = await dataset.get(index);
    const sample = augment && stream ? augment(read, stream) : read;
    const image = await fitImage(sample.image, preprocess);
    return {image, label: sample.label ?? -1, file: sample.file};
  }

  return () => {
    while (started < order.length && queue.length < 2 * batchSize) {
      const index = order[started++];
      const stream = augment && random?.split();
      const reading = limit(() => prepare(index, stream));
      // It is awaited later, or never if the consumer stops; until then its failure is nobody's.
      reading.catch(() => {});
      queue.push(reading);
    }
    return queue.shift();
  };
}

function assemble(ready: Prepared[], preprocess: Preprocess): ImageBatch {
  const [height, width] = preprocess.inputSize;
  const length = inputLength(preprocess);
  const values = new Float32Array(ready.length * length);
  ready.forEach(({image}, i) => {
    writeNormalized(image, preprocess, values, i * length);
  });
  const labels = Int32Array.from(ready, ({label}) => label);
  return {
    images: tf.tensor4d(values, [ready.length, height, width, channelsOf(preprocess.color)]),
    labels: tf.tensor1d(labels, 'int32'),
    files: ready.map(({file}) => file),
  };
}
