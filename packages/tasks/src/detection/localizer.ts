// Classification with localisation: a category and one box for an image, learnt together.
import {type Preprocess, Random, smoothL1Loss, softmaxCrossEntropy, untaped} from '@foveal/core';
import {applyPreprocess, type Dataset, type Image, type Sample, samples} from '@foveal/data';
import {type Backbone, type ModelName, type ModelRecord, models} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {Batch, BatchOptions, Task} from '../task.js';
import {seedFor} from '../train/streams.js';
import {LocalizerMeter, type LocalizerMetrics} from './localizerMeter.js';
import {LocalizerNetwork, type LocalizerNetworkOptions} from './localizerNetwork.js';

/** Images with one object each. */
export interface LocalizerBatch extends Batch {
  /** `[N]` int32: the object's category; −1 for an image without objects, which counts for nothing. */
  labels: tf.Tensor1D;
  /** `[N, 4]` float32: the object's centre, width and height as shares of the image. */
  boxes: tf.Tensor2D;
}

/** What a localizer says about an image. */
export interface Localization {
  category: string;
  /** The category's probability, in [0, 1]. */
  score: number;
  /** `[x1, y1, x2, y2]` in pixels of the image, within it. */
  box: [number, number, number, number];
}

export interface LocalizerOptions extends Pick<LocalizerNetworkOptions, 'layer' | 'grid' | 'hidden'> {
  categories: readonly string[];
  /** The registry's name of a backbone that is given built; a checkpoint can be opened by itself then. */
  name?: string;
  /** The whole image is stretched to its `inputSize`. @defaultValue the one that the registry has for the backbone */
  preprocess?: Preprocess;
  /** The distance of boxes: squares, as in the first papers, or smooth L1, which far boxes pull less. @defaultValue 'l2' */
  distance?: 'l2' | 'smoothL1';
  /** What the distance counts beside the cross-entropy; boxes are shares of the image, so distances small. @defaultValue 10 */
  boxWeight?: number;
  /** Decides the weights that new layers start from. @defaultValue 0 */
  seed?: number;
}

export interface Localizer extends Task<LocalizerBatch, Localization, LocalizerMetrics> {
  readonly model: LocalizerNetwork;
}

/**
 * Makes a task that names the one object of an image and puts a box around it: softmax cross-entropy and the distance
 * of the boxes, added. Of several objects in an image the largest counts.
 *
 * @param backbone - A name of the registry, or a backbone of one's own with feature maps; it is taken over.
 * @throws TypeError if the backbone has no known preprocessing and none was given.
 */
export function localizer(backbone: ModelName | Backbone, options: LocalizerOptions): Localizer {
  const {categories, distance = 'l2', boxWeight = 10, seed = 0, layer, grid, hidden} = options;
  const known = typeof backbone === 'string' ? backbone : undefined;
  const given = options.preprocess ?? (known && models[known].preprocess);
  if (!given) {
    throw new TypeError(
      'localizer: a backbone of your own needs its preprocess: {inputSize, color, scale, mean, std}.',
    );
  }
  // A box has to stay within the input, so nothing of the image is cut off.
  const {resize: _, ...preprocess} = given;
  const random = new Random(seedFor(seed, 'weights'));
  const shape = {...(layer && {layer}), ...(grid && {grid}), ...(hidden && {hidden})};
  const body = typeof backbone === 'string' ? build(backbone, random) : backbone;
  const model = new LocalizerNetwork(body, {...shape, categories: categories.length, random});
  return {
    model,
    description: {
      task: 'localization',
      model: known ?? options.name,
      options: {...shape, distance, boxWeight},
      categories,
      preprocess,
    },
    curves: {localized: 'named and within half overlap', top1: 'named', meanIou: 'mean overlap'},
    batches: (dataset: Dataset, batching: BatchOptions) => localizerBatches(dataset, preprocess, batching),
    losses: ({images, labels, boxes}) =>
      tf.tidy(() => {
        const said = model.forward(images);
        const {known, weight, count} = untaped(() => {
          const known = tf.greaterEqual(labels, 0);
          const weight = tf.cast(known, 'float32');
          return {known, weight, count: tf.maximum(tf.sum(weight), 1)};
        });
        const classes = untaped(() => tf.where(known, labels, tf.zerosLike(labels)) as tf.Tensor1D);
        const each = softmaxCrossEntropy(said.logits, classes, {reduction: 'none'});
        const apart =
          distance === 'l2'
            ? tf.squaredDifference(said.boxes, boxes)
            : smoothL1Loss(said.boxes, boxes, {beta: 1 / 9, reduction: 'none'});
        const mean = (values: tf.Tensor) => tf.div(tf.sum(tf.mul(values, weight)), count) as tf.Scalar;
        return {category: mean(each), box: tf.mul(mean(tf.sum(apart, 1)), boxWeight) as tf.Scalar};
      }),
    meter: () => new LocalizerMeter(model, categories),
    score: ({localized}) => localized,
    predict: images => localize(model, images, {categories, preprocess}),
  };
}

function build(name: ModelName, random: Random): Backbone {
  const record: ModelRecord = models[name];
  return record.build({random});
}

async function* localizerBatches(
  dataset: Dataset,
  preprocess: Preprocess,
  {batchSize, concurrency}: BatchOptions,
): AsyncGenerator<LocalizerBatch, void, undefined> {
  const reading = {batchSize, ...(concurrency !== undefined && {concurrency})};
  for await (const {samples: read} of samples(dataset, reading)) {
    const images = await inputs(
      read.map(({image}) => image),
      preprocess,
    );
    const objects = read.map(largestObject);
    yield {
      images,
      labels: tf.tensor1d(
        objects.map(({label}) => label),
        'int32',
      ),
      boxes: tf.tensor2d(objects.map(({box}) => box)),
      files: read.map(({file}) => file),
    };
  }
}

/** The object that an image shows, as shares of the image; crowds are none. */
function largestObject({image, boxes = new Float32Array(), labels = new Int32Array(), crowd}: Sample): {
  label: number;
  box: [number, number, number, number];
} {
  let [largest, found] = [0, -1];
  for (let i = 0; i < labels.length; i++) {
    const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4);
    if (crowd?.[i] || (x2 - x1) * (y2 - y1) <= largest) continue;
    [largest, found] = [(x2 - x1) * (y2 - y1), i];
  }
  if (found < 0) return {label: -1, box: [0, 0, 0, 0]};
  const [x1, y1, x2, y2] = boxes.subarray(4 * found, 4 * found + 4);
  const {width, height} = image;
  return {
    label: labels[found],
    box: [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height],
  };
}

async function inputs(images: readonly Image[], preprocess: Preprocess): Promise<tf.Tensor4D> {
  const values = await Promise.all(images.map(image => applyPreprocess(image, preprocess)));
  const [height, width] = preprocess.inputSize;
  const channels = preprocess.color === 'gray' ? 1 : 3;
  const all = new Float32Array(values.length * height * width * channels);
  values.forEach((one, i) => {
    all.set(one, i * one.length);
  });
  return tf.tensor4d(all, [values.length, height, width, channels]);
}

async function localize(
  model: LocalizerNetwork,
  images: readonly Image[],
  {categories, preprocess}: {categories: readonly string[]; preprocess: Preprocess},
): Promise<Localization[]> {
  if (images.length === 0) return [];
  const input = await inputs(images, preprocess);
  const said = tf.tidy(() => {
    const {logits, boxes} = model.forward(input);
    return {scores: tf.softmax(logits), boxes};
  });
  input.dispose();
  try {
    const [scores, boxes] = await Promise.all([said.scores.data(), said.boxes.data()]);
    return images.map(({width, height}, i) => {
      const own = [...scores.subarray(i * categories.length, (i + 1) * categories.length)];
      const score = Math.max(...own);
      const [x, y, w, h] = boxes.subarray(4 * i, 4 * i + 4);
      const clip = (value: number, limit: number) => Math.min(Math.max(value * limit, 0), limit);
      return {
        category: categories[own.indexOf(score)],
        score,
        box: [
          clip(x - w / 2, width),
          clip(y - h / 2, height),
          clip(x + w / 2, width),
          clip(y + h / 2, height),
        ],
      };
    });
  } finally {
    tf.dispose(said as unknown as tf.TensorContainer);
  }
}
