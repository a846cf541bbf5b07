import {nearestName, type Preprocess, Random} from '@foveal/core';
import type {Dataset, Image} from '@foveal/data';
import type {Task, TaskDescription} from '../task.js';
import {seedFor} from '../train/streams.js';
import type {BorderWeightOptions} from './borderWeights.js';
import {pixelBatches, pixelInput, type SegmentationBatch} from './pixelBatches.js';
import {predictClasses, type SegmentationPredictOptions} from './predictClasses.js';
import {type SegmentationLossOptions, segmentationLosses} from './segmentationLosses.js';
import {SegmentationMeter, type SegmentationMetrics} from './segmentationMeter.js';
import {
  type SegmentationBuildOptions,
  type SegmentationModelName,
  type SegmentationModelRecord,
  segmentationModels,
} from './segmentationModels.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';

/** What a segmenter says about one image. */
export interface Segmentation {
  /** `[height · width]` of the image, row by row: the category of each pixel. */
  classMap: Uint8Array | Uint16Array;
  width: number;
  height: number;
}

export interface SegmenterOptions extends SegmentationLossOptions, SegmentationPredictOptions {
  /** Names of the classes, in the order of the network's outputs. */
  categories: readonly string[];
  /** @defaultValue the one that the table has for the network; a network of one's own needs it */
  preprocess?: Preprocess | undefined;
  /** Weights of the borders between objects (arXiv:1505.04597, equation 2), in training. @defaultValue none */
  border?: BorderWeightOptions | undefined;
  /** Further options of the network's builder, such as `{encoder: 'resnet18'}`. @defaultValue `{}` */
  options?: Omit<SegmentationBuildOptions, 'random'>;
  /** Decides the weights that a network built by its name starts from. @defaultValue 0 */
  seed?: number;
}

export interface Segmenter extends Task<SegmentationBatch, Segmentation, SegmentationMetrics> {
  readonly model: SegmentationNetwork;
  /** How images are predicted; may be changed between predictions. */
  readonly prediction: SegmentationPredictOptions;
  meter(): SegmentationMeter;
}

/**
 * Makes a segmenter: one class for each pixel. Images keep their size, in training as in prediction; to train on parts
 * of them, cut them by an augmentation. A network may have more outputs than there are categories: those are left out
 * of predictions.
 *
 * @param model - A name of {@link segmentationModels}, built for as many classes as there are categories, or a network
 * of one's own.
 * @throws TypeError if the network has no known preprocessing and none was given; RangeError if the name is unknown.
 */
export function segmenter(
  model: SegmentationModelName | SegmentationNetwork,
  {
    categories,
    preprocess,
    losses,
    classWeights,
    border,
    tile,
    overlap,
    orientations,
    options = {},
    seed = 0,
  }: SegmenterOptions,
): Segmenter {
  const record = typeof model === 'string' ? recordOf(model) : undefined;
  const buildOptions = {numClasses: categories.length, ...options};
  const random = new Random(seedFor(seed, 'weights'));
  const network = record ? record.build({...buildOptions, random}) : (model as SegmentationNetwork);
  const prepare = preprocess ?? record?.preprocess;
  if (!prepare) {
    throw new TypeError(
      'segmenter: a network of your own needs its preprocess: {inputSize, color, scale, mean, std}.',
    );
  }
  if (classWeights && classWeights.length !== categories.length) {
    throw new RangeError(
      `segmenter: expected ${categories.length} class weights, got ${classWeights.length}.`,
    );
  }
  const description: TaskDescription = {
    task: 'segmentation',
    model: typeof model === 'string' ? model : undefined,
    options: record ? buildOptions : {},
    categories,
    preprocess: prepare,
  };
  const prediction = {tile, overlap, orientations};
  const loss = {...(losses && {losses}), ...(classWeights && {classWeights})};

  return {
    model: network,
    description,
    prediction,
    evaluationBatch: 4,
    curves: {meanIou: 'mean IoU', pixelAccuracy: 'pixel accuracy'},
    batches: (dataset: Dataset, batching) =>
      pixelBatches(dataset, {...batching, preprocess: prepare, border}),
    losses: batch => segmentationLosses(network, batch, loss),
    meter: () =>
      new SegmentationMeter(
        ({images}) => predictClasses(network, images, {...prediction, classes: categories.length}),
        categories,
      ),
    score: ({meanIou}) => meanIou ?? 0,
    async predict(images) {
      const results: Segmentation[] = [];
      for (const image of images) results.push(await segment(image));
      return results;
    },
  };

  async function segment(image: Image): Promise<Segmentation> {
    const input = await pixelInput(image, prepare as Preprocess);
    try {
      const found = await predictClasses(network, input, {...prediction, classes: categories.length});
      const classMap = categories.length <= 255 ? Uint8Array.from(found) : Uint16Array.from(found);
      return {classMap, width: image.width, height: image.height};
    } finally {
      input.dispose();
    }
  }
}

function recordOf(name: string): SegmentationModelRecord {
  if (Object.hasOwn(segmentationModels, name)) return segmentationModels[name as SegmentationModelName];
  const names = Object.keys(segmentationModels);
  const near = nearestName(name, names);
  throw new RangeError(
    `segmenter: there is no network "${name}".${near ? ` The nearest name is "${near}".` : ''} ` +
      `There are ${names.join(', ')}.`,
  );
}
