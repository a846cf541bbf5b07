import {type Preprocess, Random} from '@foveal/core';
import {applyPreprocess, batches, type Dataset, type Image} from '@foveal/data';
import {type Backbone, type ModelName, type ModelRecord, models} from '@foveal/models';
import type * as tf from '@tensorflow/tfjs-core';
import type {Batch, BatchOptions, Task, TaskDescription} from '../task.js';
import {isAugmented} from '../train/dataOrder.js';
import {seedFor} from '../train/streams.js';
import {classificationLosses} from './classificationLosses.js';
import {ClassificationMeter, type ClassificationMetrics} from './classificationMeter.js';
import {classify} from './classify.js';
import {cutToSize} from './cutToSize.js';
import {mixing} from './mixing.js';

/** Images with the number of their category each. */
export interface LabelledBatch extends Batch {
  /** `[N]` int32. */
  labels: tf.Tensor1D;
  /** `[N]` int32: what else each image shows, where two were mixed. */
  otherLabels?: tf.Tensor1D;
  /** The share of `labels` in mixed images, in [0, 1]. */
  weight?: number;
}

/** A category and the probability the model gives it. */
export interface ScoredCategory {
  category: string;
  /** In [0, 1]; over all categories they sum to 1. */
  score: number;
}

/** What a classifier says about one image. */
export interface Classification {
  /** Every category, the most probable first. */
  categories: ScoredCategory[];
}

export interface ClassifierOptions {
  /** Names of the classes, in the order of the model's outputs. */
  categories: readonly string[];
  /** @defaultValue the one that the registry has for the model; a model of one's own needs it */
  preprocess?: Preprocess;
  /** Probability that the loss spreads over all classes (arXiv:1512.00567, section 7). @defaultValue 0 */
  labelSmoothing?: number;
  /** Blends training images in pairs, by shares from Beta(alpha, alpha); see `mixup`. @defaultValue none */
  mixup?: number;
  /** Puts a piece of another training image into each, likewise; with `mixup`, one of both at random. @defaultValue none */
  cutmix?: number;
  /** Further options of the model's builder, such as LeNet's `{activation: 'relu'}`. @defaultValue `{}` */
  options?: Record<string, unknown>;
  /** Decides the weights that a model built by its name starts from. @defaultValue 0 */
  seed?: number;
}

export interface Classifier extends Task<LabelledBatch, Classification, ClassificationMetrics> {
  readonly model: Backbone;
  meter(): ClassificationMeter;
}

/**
 * Makes a classifier: one label for each whole image, learnt with softmax cross-entropy.
 *
 * @param model - A name of the registry, which is built for as many classes as there are categories, or a backbone
 * of one's own that yields `[N, categories.length]` logits.
 * @throws TypeError if the model has no known preprocessing and none was given.
 */
export function classifier(
  model: ModelName | Backbone,
  {categories, preprocess, labelSmoothing = 0, mixup, cutmix, options = {}, seed = 0}: ClassifierOptions,
): Classifier {
  const name = typeof model === 'string' ? model : undefined;
  const buildOptions = {...options, numClasses: categories.length};
  const built = typeof model === 'string' ? build(model, buildOptions, seed) : model;
  const prepare = preprocess ?? (name && models[name].preprocess);
  if (!prepare) {
    throw new TypeError(
      'classifier: a model of your own needs its preprocess: {inputSize, color, scale, mean, std}.',
    );
  }
  const description: TaskDescription = {
    task: 'classification',
    model: name,
    options: name ? buildOptions : {},
    categories,
    preprocess: prepare,
  };
  const check = (logits: tf.Tensor2D) => checkLogits(logits, categories);
  const logitsOf = (images: tf.Tensor4D) => check(built.forward(images));
  const mix = mixing({mixup, cutmix});
  const {resize: _, ...fittedPreprocess} = prepare;
  const prepared = new WeakMap<Image, Promise<Float32Array>>();
  const inputOf = (image: Image) => prepared.get(image) ?? applyPreprocess(image, prepare);

  return {
    model: built,
    description,
    batches(dataset: Dataset, {training: _, ...batching}: BatchOptions) {
      if (!isAugmented(dataset)) return batches(dataset, {...batching, preprocess: prepare});
      const cut = cutToSize(dataset, prepare);
      return batches(cut.dataset, {...batching, preprocess: cut.preprocess});
    },
    ...(mix && {mix: (batch, random) => ({...mix(batch, random), files: batch.files})}),
    losses: batch => classificationLosses(built, batch, {labelSmoothing, check}),
    meter: () => new ClassificationMeter(logitsOf, categories),
    score: ({top1}) => top1,
    fit: prepare,
    async prepare(image, fitted) {
      const input = fitted ? applyPreprocess(fitted, fittedPreprocess) : applyPreprocess(image, prepare);
      prepared.set(image, input);
      // Whoever predicts the image hears of it.
      await input.catch(() => {});
    },
    predict: async images => classify(await Promise.all(images.map(inputOf)), prepare, logitsOf, categories),
  };
}

function build(name: ModelName, options: {numClasses: number}, seed: number): Backbone {
  const record: ModelRecord = models[name];
  const seeded = {...options, random: new Random(seedFor(seed, 'weights'))};
  return record.build(seeded);
}

function checkLogits(logits: tf.Tensor2D, categories: readonly string[]): tf.Tensor2D {
  if (logits.shape[1] === categories.length) return logits;
  throw new TypeError(
    `classifier: the model yields ${logits.shape[1]} classes, but there are ${categories.length} categories ` +
      `(${categories.slice(0, 3).join(', ')} …). Build it with {numClasses: ${categories.length}}.`,
  );
}
