import type {Preprocess} from '@foveal/core';
import {
  applyPreprocess,
  type Dataset,
  DatasetError,
  type Image,
  ignoredClass,
  type Sample,
  samples,
} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {Batch, BatchOptions} from '../task.js';
import {type BorderWeightOptions, borderWeights} from './borderWeights.js';

/** Images with a class for each pixel. */
export interface SegmentationBatch extends Batch {
  /** `[N, H, W]` int32; −1 where a pixel does not count. */
  labels: tf.Tensor3D;
  /** `[N, H, W]` float32, how much each pixel counts; where the task asks for it. */
  weights?: tf.Tensor3D;
}

export interface PixelBatchOptions extends BatchOptions {
  preprocess: Preprocess;
  /** Weights that tell touching objects apart, for training. */
  border?: BorderWeightOptions | undefined;
}

/** What a network gets for an image: its own size, whatever the preprocessing says, but normalised. */
export async function pixelInput(image: Image, preprocess: Preprocess): Promise<tf.Tensor4D> {
  const {width, height} = image;
  const values = await applyPreprocess(image, whole(image, preprocess));
  return tf.tensor4d(values, [1, height, width, values.length / (height * width)]);
}

function whole({width, height}: Image, preprocess: Preprocess): Preprocess {
  const {resize: _, ...rest} = preprocess;
  return {...rest, inputSize: [height, width]};
}

/**
 * Reads a dataset in batches of its own sizes. In training, smaller images are filled up at the bottom and right with
 * pixels that do not count; in evaluation a batch has images of one size, so that nothing stands beside them.
 *
 * @throws DatasetError naming the first file whose pixels have no classes.
 */
export async function* pixelBatches(
  dataset: Dataset,
  {batchSize, concurrency, training = false, preprocess, border}: PixelBatchOptions,
): AsyncGenerator<SegmentationBatch, void, undefined> {
  const reading = {batchSize, ...(concurrency !== undefined && {concurrency})};
  for await (const {samples: read} of samples(dataset, reading)) {
    for (const group of training ? [read] : sameSizes(read)) {
      yield await assemble(group, preprocess, training ? border : undefined);
    }
  }
}

/** Neighbours of one size. */
function sameSizes(samples: readonly Sample[]): Sample[][] {
  const groups: Sample[][] = [];
  for (const sample of samples) {
    const last = groups[groups.length - 1]?.[0];
    const {width, height} = sample.image;
    if (last?.image.width === width && last.image.height === height) groups[groups.length - 1].push(sample);
    else groups.push([sample]);
  }
  return groups;
}

async function assemble(
  samples: readonly Sample[],
  preprocess: Preprocess,
  border: BorderWeightOptions | undefined,
): Promise<SegmentationBatch> {
  const height = Math.max(...samples.map(({image}) => image.height));
  const width = Math.max(...samples.map(({image}) => image.width));
  const channels = preprocess.color === 'gray' ? 1 : 3;
  const pixels = samples.length * height * width;
  const images = new Float32Array(pixels * channels);
  const labels = new Int32Array(pixels).fill(-1);
  const weights = border && new Float32Array(pixels);
  for (const [n, {image, classMap, file}] of samples.entries()) {
    if (!classMap) {
      throw new DatasetError(
        file,
        'expected a class for each pixel, but there is none. Read the images with masks: maskFolder, or --data masks:FOLDER.',
      );
    }
    const values = await applyPreprocess(image, whole(image, preprocess));
    const given = border && borderWeights(classMap, [image.height, image.width], border);
    const ignored = ignoredClass(classMap);
    for (let y = 0; y < image.height; y++) {
      const [from, to] = [y * image.width, (n * height + y) * width];
      images.set(values.subarray(from * channels, (from + image.width) * channels), to * channels);
      for (let x = 0; x < image.width; x++) {
        const category = classMap[from + x];
        labels[to + x] = category === ignored ? -1 : category;
      }
      if (weights && given) weights.set(given.subarray(from, from + image.width), to);
    }
  }
  const shape: [number, number, number] = [samples.length, height, width];
  return {
    images: tf.tensor4d(images, [...shape, channels]),
    labels: tf.tensor3d(labels, shape, 'int32'),
    ...(weights && {weights: tf.tensor3d(weights, shape)}),
    files: samples.map(({file}) => file),
  };
}
