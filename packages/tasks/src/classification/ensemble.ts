import {Module, softmaxCrossEntropy} from '@foveal/core';
import {type CropCount, cropViews, type Dataset, type Image, samples} from '@foveal/data';
import type {Backbone, FeatureMap} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {BatchOptions} from '../task.js';
import {ClassificationMeter} from './classificationMeter.js';
import type {Classifier, LabelledBatch} from './classifier.js';
import {classify} from './classify.js';

export interface EnsembleOptions {
  /** Views of each image that are averaged; see `cropViews`. @defaultValue 1 */
  crops?: CropCount;
}

/**
 * One classifier of several, of one on several crops of each image, or both: its probabilities are the mean of theirs.
 * It is for evaluation and prediction; the members stay the caller's, and share their weights with it.
 *
 * @param members - One or more, with the same categories and the same preprocessing.
 * @throws TypeError if they differ in these, RangeError if there are none.
 */
export function ensemble(members: readonly Classifier[], {crops = 1}: EnsembleOptions = {}): Classifier {
  const [first] = members;
  if (!first) throw new RangeError('ensemble: expected one classifier or more, got none.');
  const {preprocess, categories} = first.description;
  if (!preprocess) throw new TypeError('ensemble: the classifiers need their preprocess.');
  members.forEach(({description}, i) => {
    for (const key of ['categories', 'preprocess'] as const) {
      const [here, there] = [description[key], first.description[key]].map(value => JSON.stringify(value));
      if (here !== there)
        throw new TypeError(
          `ensemble: member ${i + 1} has other ${key} than the first: ${here} instead of ${there}.`,
        );
    }
  });
  const model = new Ensemble(members.map(member => member.model));
  const logitsOf = (views: tf.Tensor4D) =>
    tf.tidy(() => meanOfViews(model.forward(views), crops) as tf.Tensor2D);
  const prepared = new WeakMap<Image, Float32Array>();
  const inputOf = (image: Image) => prepared.get(image) ?? cropViews(image, preprocess, crops);

  return {
    model,
    description: {
      ...first.description,
      ...(members.length > 1 && {model: undefined, options: {}}),
    },
    ...(crops > 1 && {evaluationBatch: Math.max(1, Math.round(100 / crops))}),
    batches: (dataset, options) =>
      crops === 1 ? first.batches(dataset, options) : viewBatches(dataset, options, inputOf, preprocess),
    losses: ({images, labels}) => ({loss: softmaxCrossEntropy(logitsOf(images), labels) as tf.Scalar}),
    meter: () => new ClassificationMeter(logitsOf, categories),
    score: ({top1}) => top1,
    async prepare(image) {
      prepared.set(image, inputOf(image));
    },
    predict: async images => classify(images.map(inputOf), preprocess, logitsOf, categories),
  };
}

/** Gives the logarithm of the mean probability of its members, which serves as logits. */
class Ensemble extends Module implements Backbone {
  readonly members: readonly Backbone[];
  readonly featureMaps: readonly FeatureMap[] = [];

  constructor(members: readonly Backbone[]) {
    super();
    this.members = members;
  }

  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => logMean(tf.stack(this.members.map(one => tf.logSoftmax(one.forward(image)))), 0));
  }
}

const meanOfViews = (logits: tf.Tensor2D, views: number): tf.Tensor2D =>
  views === 1 ? logits : logMean(tf.reshape(tf.logSoftmax(logits), [-1, views, logits.shape[1]]), 1);

// In logarithms throughout: a mean of probabilities of 1e-40 is not 0.
const logMean = (logs: tf.Tensor, axis: number) =>
  tf.sub(tf.logSumExp(logs, axis), Math.log(logs.shape[axis])) as tf.Tensor2D;

async function* viewBatches(
  dataset: Dataset,
  {training: _, ...reading}: BatchOptions,
  inputOf: (image: Image) => Float32Array,
  {inputSize: [height, width], color}: {inputSize: readonly [number, number]; color: string},
): AsyncGenerator<LabelledBatch> {
  for await (const batch of samples(dataset, reading)) {
    const channels = color === 'gray' ? 1 : 3;
    const inputs = batch.samples.map(({image}) => inputOf(image));
    const values = new Float32Array(inputs.reduce((sum, {length}) => sum + length, 0));
    inputs.forEach((input, i) => {
      values.set(input, i * input.length);
    });
    yield {
      images: tf.tensor4d(values, [values.length / (height * width * channels), height, width, channels]),
      labels: tf.tensor1d(
        batch.samples.map(({label = -1}) => label),
        'int32',
      ),
      files: batch.samples.map(({file}) => file),
    };
  }
}
