// Grad-CAM of a network that gives pixels classes: Vinogradova et al., "Towards Interpretable Semantic Segmentation via
// Gradient-weighted Class Activation Mapping", AAAI 2020, arXiv:2002.11434, equation 1.
import {Module, untaped} from '@foveal/core';
import type {Backbone, FeatureMap} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {SegmentationNetwork} from '../segmentation/segmentationNetwork.js';
import {modelSummary} from './modelSummary.js';

/**
 * A segmenter as the methods see it that explain classifiers: the score of a category is its mean logit over the pixels
 * that are given to it, or over all if none is. Paths of layers are the segmenter's own.
 */
export class PixelScores extends Module implements Backbone {
  readonly featureMaps: readonly FeatureMap[];
  readonly #network: SegmentationNetwork;
  readonly #classes: number;

  /** @param inputShape - `[height, width, channels]` of the images that are explained, to tell the coarsest maps by. */
  constructor(network: SegmentationNetwork, classes: number, inputShape: readonly [number, number, number]) {
    super();
    this.#network = network.eval();
    this.#classes = classes;
    this.featureMaps = [coarsestMap(network, inputShape)];
  }

  /** @param image - `[1, H, W, C]` float32, preprocessed. @returns `[1, classes]`. Differentiable. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const logits = this.#logits(image);
      // Which pixels count is given: no gradient goes through it.
      const weights = untaped(() => {
        const own = owners(logits);
        const counted = tf.where(tf.greater(tf.sum(own, 0, true), 0), own, tf.onesLike(own));
        return tf.div(counted, tf.sum(counted, 0, true));
      });
      return tf.sum(tf.mul(logits, weights), 0, true) as tf.Tensor2D;
    });
  }

  /** The share of the image that each category is given, `[1, classes]`. */
  shares(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => tf.mean(owners(this.#logits(image)), 0, true) as tf.Tensor2D);
  }

  override *namedModules(path = '', seen = new Set<Module>()): Generator<[string, Module]> {
    yield [path, this];
    for (const [name, module] of this.#network.namedModules(path, seen))
      if (name !== path) yield [name, module];
  }

  /** `[pixels, classes]`. */
  #logits(image: tf.Tensor4D): tf.Tensor {
    const all = this.#network.forward(image);
    return tf.slice(tf.reshape(all, [-1, all.shape[3]]), [0, 0], [-1, this.#classes]);
  }
}

/** 1 where a pixel belongs to a category. */
const owners = (logits: tf.Tensor) =>
  tf.cast(tf.oneHot(tf.argMax(logits, 1) as tf.Tensor1D, logits.shape[1] as number), 'float32');

/** The last of the coarsest maps that has the most channels, and runs once. */
function coarsestMap(
  network: SegmentationNetwork,
  inputShape: readonly [number, number, number],
): FeatureMap {
  const {layers} = modelSummary(network, inputShape);
  const once = layers.filter(
    ({name, output: [height, width, channels]}, _, all) =>
      channels !== undefined && height * width > 1 && all.filter(other => other.name === name).length === 1,
  );
  const area = ({output: [height, width]}: (typeof layers)[number]) => height * width;
  const least = Math.min(...once.map(area));
  const coarse = once.filter(layer => area(layer) === least);
  const most = Math.max(...coarse.map(({output}) => output[2]));
  const found = coarse.findLast(({output}) => output[2] === most);
  if (!found) throw new RangeError(`PixelScores: ${network.constructor.name} has no maps.`);
  return {layer: found.ends.at(-1) ?? found.name, channels: most, stride: found.field.stride[0]};
}
