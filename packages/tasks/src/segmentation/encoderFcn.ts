// Long et al., "Fully Convolutional Networks", CVPR 2015, arXiv:1411.4038, section 4.2: scores of several maps, fused from
// coarse to fine, on any backbone.
import {Conv2d, defaultRandom, init, Module, type Random, resize2d} from '@foveal/core';
import {type Backbone, type LoadedWeights, loadWeights} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {BackboneEncoder} from './backboneEncoder.js';
import {padToMultiple} from './padToMultiple.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';

export interface EncoderFcnOptions {
  /** @defaultValue 21 */
  numClasses?: number;
  /** Feature maps that are scored, from the coarsest: 1 is FCN-32s, 2 16s, 3 8s on a backbone of stride 32. @defaultValue 3 */
  maps?: number;
  /** Where the scores start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * Scores each of a backbone's coarsest maps by a 1×1 convolution and adds them up, growing by bilinear interpolation.
 * Deviation: interpolation has no parameters, since the paper found learning it to gain nothing. Takes the backbone
 * over; its classifier is freed.
 */
export class EncoderFcn extends Module implements SegmentationNetwork {
  readonly encoder: BackboneEncoder;
  /** From the coarsest map. */
  readonly score: Conv2d[];
  readonly #least: number;

  /** @throws RangeError if the backbone has fewer maps. */
  constructor(
    backbone: Backbone,
    {numClasses = 21, maps = 3, random = defaultRandom()}: EncoderFcnOptions = {},
  ) {
    super();
    const coarsest = [...backbone.featureMaps].reverse().slice(0, maps);
    if (!(Number.isInteger(maps) && maps >= 1 && coarsest.length === maps)) {
      throw new RangeError(
        `EncoderFcn: maps must be a whole number from 1 to ${backbone.featureMaps.length}, got ${maps}.`,
      );
    }
    this.encoder = new BackboneEncoder(backbone);
    this.#least = backbone.smallestSide ?? coarsest[0].stride;
    // Zero, but for the coarsest: skips start without a say (section 4.2).
    this.score = coarsest.map(
      ({channels}, i) =>
        new Conv2d(channels, numClasses, {
          kernelSize: 1,
          random,
          init: i === 0 ? init.defaultWeight : init.zeros,
        }),
    );
  }

  /** @param images - `[N, H, W, 3]`; sides too small for the backbone are filled up with zeros. */
  forward(images: tf.Tensor4D): tf.Tensor4D {
    return padToMultiple(images, 1, padded => this.#forward(padded), this.#least);
  }

  #forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const maps = this.encoder.forward(images).reverse();
      const scores = this.score.reduce<tf.Tensor4D | undefined>((coarse, score, i) => {
        const fine = score.forward(maps[i]);
        if (!coarse) return fine;
        return tf.add(fine, resize2d(coarse, {size: [fine.shape[1], fine.shape[2]]}));
      }, undefined) as tf.Tensor4D;
      return resize2d(scores, {size: [images.shape[1], images.shape[2]]});
    });
  }

  /** Starts the encoder from a file of weights of its backbone, trained as a classifier. */
  startEncoder(file: string): Promise<LoadedWeights> {
    return loadWeights(this.encoder, file);
  }
}
