// Erhan et al., "Why Does Unsupervised Pre-training Help Deep Learning?", JMLR 11, 2010, section 3: a classifier that
// starts from an encoder.
import {Dropout, defaultRandom, init, Linear, Module, type Random, type Sequential} from '@foveal/core';
import type {Backbone, FeatureMap} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {Autoencoder} from './autoencoder.js';

export interface EncoderBackboneOptions {
  /** @defaultValue 10 */
  numClasses?: number;
  /** Share of the numbers of a code that are dropped in training. @defaultValue 0 */
  dropout?: number;
  /** Where the head starts from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * An encoder with a softmax layer on its codes: what was learnt from images without labels becomes the start of a
 * classifier, `classifier(new EncoderBackbone(network, …), {categories, preprocess})`. The encoder is the network's
 * own, not a copy: fine-tuning changes both. `freeze()` its `encoder` to train the softmax layer alone.
 */
export class EncoderBackbone extends Module implements Backbone {
  readonly encoder: Sequential;
  readonly dropout: Dropout;
  readonly head: Linear;
  /** Those of the network; the encoder of a dense one has no places. */
  readonly featureMaps: readonly FeatureMap[];
  readonly codeSize: number;

  constructor(
    {encoder, codeSize, featureMaps}: Autoencoder,
    {numClasses = 10, dropout = 0, random = defaultRandom()}: EncoderBackboneOptions = {},
  ) {
    super();
    this.encoder = encoder;
    this.codeSize = codeSize;
    this.dropout = new Dropout(dropout, {random});
    this.head = new Linear(codeSize, numClasses, {init: init.xavierUniform(), random});
    this.featureMaps = featureMaps;
  }

  /** @param image - `[N, H, W, C]` float32, preprocessed as for the autoencoder. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const codes = this.encoder.forward(image) as tf.Tensor2D;
      // A variational encoder gives variances beside the means.
      const means = codes.shape[1] === this.codeSize ? codes : tf.slice(codes, [0, 0], [-1, this.codeSize]);
      return this.head.forward(this.dropout.forward(means));
    });
  }
}
