import type {Preprocess} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {channelsOf, inputLength, writeNormalized} from './applyPreprocess.js';
import type {Dataset} from './dataset.js';
import {fitImage} from './fitImage.js';
import type {Image} from './image.js';
import {checkReading, type ReadingOptions, readAhead, type SkippedFile} from './readAhead.js';

export interface BatchesOptions extends ReadingOptions {
  /** What the model expects of an image. */
  preprocess: Preprocess;
}

/** Images ready for a model. The consumer disposes both tensors. */
export interface ImageBatch {
  /** `[N, height, width, channels]` float32, normalised. */
  images: tf.Tensor4D;
  /** `[N]` int32; −1 where there is no label. */
  labels: tf.Tensor1D;
  /** Where each image comes from. */
  files: string[];
  /** The place in the order after the last image, those left out counted: where `start` goes on. */
  next: number;
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
 * @throws RangeError if an option is out of range; ImageDecodeError or DatasetError for an image that cannot be used,
 * unless they are skipped.
 */
export function batches(dataset: Dataset, options: BatchesOptions): Batches {
  checkReading('batches', dataset, options);
  const skipped: SkippedFile[] = [];
  return {skipped, [Symbol.asyncIterator]: () => generate(dataset, options, skipped)};
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
  const {preprocess, batchSize} = options;
  const memory = batchMemory(batchSize * inputLength(preprocess));
  const portions = readAhead<Prepared>(
    dataset,
    options,
    {
      fit: preprocess,
      prepare: ({image, label = -1, file}, fitted) => ({
        image: fitted ? image : fitImage(image, preprocess),
        label,
        file,
      }),
    },
    skipped,
  );
  for await (const {items, next} of portions) yield {...assemble(items, preprocess, memory), next};
}

/** Engines that copy what a tensor is made of. */
const copying: readonly string[] = ['torch', 'wasm'];

/** Gives memory for so many values, the same where that harms nobody: what is new is cleared first and collected later. */
function batchMemory(most: number): (length: number) => Float32Array {
  let kept: Float32Array | undefined;
  return length =>
    copying.includes(tf.getBackend())
      ? (kept ??= new Float32Array(most)).subarray(0, length)
      : new Float32Array(length);
}

function assemble(
  ready: Prepared[],
  preprocess: Preprocess,
  memory: (length: number) => Float32Array,
): Omit<ImageBatch, 'next'> {
  const [height, width] = preprocess.inputSize;
  const length = inputLength(preprocess);
  const values = memory(ready.length * length);
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
