import type {Preprocess} from '@foveal/core';
import {applyPreprocess, type Image} from '@foveal/data';
import type {Backbone} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {asSeen} from './asSeen.js';
import {evaluating} from './evaluating.js';
import {PixelScores} from './pixelScores.js';

/** A classifier that is looked into, or a segmenter by its {@link PixelScores}. */
export interface ExplainedModel {
  /** What the pictures call it. */
  name: string;
  network: Backbone;
  preprocess: Preprocess;
  categories: readonly string[];
}

/** An image on its way through the model. */
export interface ExplainedImage {
  file: string;
  /** As the model sees it. */
  seen: Image;
  /** `[1, H, W, C]` float32, preprocessed; whoever asked for it disposes it. */
  input: tf.Tensor4D;
  /** What each category gets, in [0, 1]: its probability, or its share of the pixels. */
  probabilities: Float32Array;
}

/** Prepares an image, and asks the model what it shows. */
export async function explainedImage(
  {network, preprocess}: ExplainedModel,
  file: string,
  image: Image,
): Promise<ExplainedImage> {
  const {input, seen} = await seenImage(preprocess, image);
  const scores = tf.tidy(() =>
    evaluating(network, () =>
      network instanceof PixelScores ? network.shares(input) : tf.softmax(network.forward(input)),
    ),
  );
  const probabilities = (await scores.data()) as Float32Array;
  scores.dispose();
  return {file, seen, input, probabilities};
}

/** An image as a model takes it, and as it looks then. */
export async function seenImage(
  preprocess: Preprocess,
  image: Image,
): Promise<{input: tf.Tensor4D; seen: Image}> {
  const values = await applyPreprocess(image, preprocess);
  const [height, width] = preprocess.inputSize;
  const input = tf.tensor4d(values, [1, height, width, preprocess.color === 'gray' ? 1 : 3]);
  return {input, seen: asSeen(values, preprocess)};
}
