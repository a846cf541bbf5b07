import type {Preprocess} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Classification} from './classifier.js';

/**
 * Turns logits into what a classifier says.
 *
 * @param inputs - Of each image `[views, height, width, channels]`, one after another.
 * @param logitsOf - The model: `[N · views, H, W, C]` to `[N, categories.length]`.
 */
export async function classify(
  inputs: readonly Float32Array[],
  {inputSize: [height, width], color}: Preprocess,
  logitsOf: (images: tf.Tensor4D) => tf.Tensor2D,
  categories: readonly string[],
): Promise<Classification[]> {
  if (inputs.length === 0) return [];
  const channels = color === 'gray' ? 1 : 3;
  const probabilities = tf.tidy(() => {
    const size = height * width * channels;
    const views = inputs.map(input => tf.tensor4d(input, [input.length / size, height, width, channels]));
    return tf.softmax(logitsOf(views.length === 1 ? views[0] : tf.concat(views)));
  });
  try {
    const scores = await probabilities.data();
    return inputs.map((_, i) => {
      const offset = i * categories.length;
      return {
        categories: categories
          .map((category, c) => ({category, score: scores[offset + c]}))
          .sort((a, b) => b.score - a.score),
      };
    });
  } finally {
    probabilities.dispose();
  }
}
