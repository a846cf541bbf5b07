// Girshick et al., arXiv:1311.2524, section 2.3, "Domain-specific fine-tuning".
import {type Random, Sgd, softmaxCrossEntropy, variableGrads} from '@foveal/core';
import type {Dataset, Image} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {Rcnn} from './rcnn.js';
import {type RegionExamples, windowsOf} from './regionExamples.js';
import {warpRegions} from './warpRegions.js';

export interface FineTuneOptions {
  steps: number;
  learningRate: number;
  weightDecay: number;
  /** Regions of objects in a batch. */
  positives: number;
  /** Regions of background in a batch. */
  background: number;
  random: Random;
  onStep: (step: number, loss: number) => void | Promise<void>;
  signal: AbortSignal | undefined;
}

interface Window {
  image: number;
  region: number;
  /** 0 for background, category + 1 else. */
  class: number;
}

/**
 * Teaches the backbone to name warped regions by softmax cross-entropy. Regions are drawn uniformly over all images,
 * objects' more often than they occur; half are mirrored.
 */
export async function fineTune(
  model: Rcnn,
  dataset: Dataset,
  examples: readonly RegionExamples[],
  {steps, learningRate, weightDecay, positives, background, random, onStep, signal}: FineTuneOptions,
): Promise<void> {
  const windows = examples.map(windowsOf);
  const ofObjects: Window[] = windows.flatMap(({positive}, image) =>
    positive.map(({region, label}) => ({image, region, class: label + 1})),
  );
  const ofBackground: Window[] = windows.flatMap(({background}, image) =>
    background.map(region => ({image, region, class: 0})),
  );
  const trained = [...model.backbone.parameters(), ...model.classifier.parameters()];
  const optimizer = new Sgd(trained, {learningRate, momentum: 0.9, weightDecay});
  const imageOf = heldImages(dataset);
  const pick = (from: readonly Window[], count: number) =>
    from.length === 0 ? [] : Array.from({length: count}, () => from[random.int(from.length)]);
  try {
    for (let step = 0; step < steps && !signal?.aborted; step++) {
      // An even fall over the last third brings what SGD circles around.
      optimizer.learningRate = learningRate * (step < (2 * steps) / 3 ? 1 : 0.1);
      model.train();
      model.reseed(random.uint32());
      const batch = [...pick(ofObjects, positives), ...pick(ofBackground, background)];
      const {images, classes} = await warpedBatch(model, imageOf, examples, batch, random);
      const {value, grads} = variableGrads(
        () => softmaxCrossEntropy(model.classifier.forward(model.forward(images)), classes) as tf.Scalar,
        trained,
      );
      optimizer.step(grads);
      const [loss] = await value.data();
      tf.dispose([images, classes, value, grads]);
      await onStep(step + 1, loss);
    }
  } finally {
    optimizer.dispose();
  }
}

async function warpedBatch(
  model: Rcnn,
  imageOf: (index: number) => Promise<Image>,
  examples: readonly RegionExamples[],
  batch: readonly Window[],
  random: Random,
): Promise<{images: tf.Tensor4D; classes: tf.Tensor1D}> {
  const byImage = new Map<number, Window[]>();
  for (const window of batch) byImage.set(window.image, [...(byImage.get(window.image) ?? []), window]);
  const parts: tf.Tensor4D[] = [];
  const ordered: number[] = [];
  for (const [index, windows] of byImage) {
    const image = await imageOf(index);
    const {boxes} = examples[index];
    const wanted = Float32Array.from(
      windows.flatMap(({region}) => [...boxes.subarray(4 * region, 4 * region + 4)]),
    );
    const warped = warpRegions(image, wanted, model.options);
    parts.push(random.int(2) ? tf.reverse(warped, 2) : tf.clone(warped));
    warped.dispose();
    ordered.push(...windows.map(({class: number}) => number));
  }
  const images = tf.concat(parts);
  tf.dispose(parts);
  return {images, classes: tf.tensor1d(ordered, 'int32')};
}

/** Bytes of decoded images to hold: a batch looks into as many images as it has regions. */
const room = 1e9;

function heldImages(dataset: Dataset): (index: number) => Promise<Image> {
  const held = new Map<number, Image>();
  let bytes = 0;
  return async index => {
    const known = held.get(index);
    if (known) return known;
    const {image} = await dataset.get(index);
    if (bytes + image.data.length <= room) {
      held.set(index, image);
      bytes += image.data.length;
    }
    return image;
  };
}
