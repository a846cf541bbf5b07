// The form of Ronneberger et al., "U-Net", MICCAI 2015, arXiv:1505.04597, on a pretrained classifier, as Iglovikov &
// Shvets, "TernausNet", 2018, arXiv:1801.05746, have it.
import {Conv2d, defaultRandom, Module, type Random, resize2d} from '@foveal/core';
import {type Backbone, type LoadedWeights, loadWeights} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {BackboneEncoder} from './backboneEncoder.js';
import {DoubleConv} from './doubleConv.js';
import {padToMultiple} from './padToMultiple.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';

export interface EncoderUNetOptions {
  /** @defaultValue 2 */
  numClasses?: number;
  /** Channels of the levels of the decoder, from the deepest. @defaultValue `[256, 128, 64, 32, 16]` */
  channels?: readonly number[];
  /** Where the decoder starts from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * A U-Net whose contracting path is a backbone of `@foveal/models`: each level of the decoder doubles the size, and
 * sees the backbone's map of that size beside it. Takes the backbone over; its classifier is freed.
 */
export class EncoderUNet extends Module implements SegmentationNetwork {
  readonly encoder: BackboneEncoder;
  readonly decoder: DoubleConv[] = [];
  readonly final: Conv2d;
  readonly #stride: number;
  readonly #least: number;
  readonly #finest: number;

  /** @throws RangeError if the backbone has no feature maps, or more than the decoder has levels. */
  constructor(
    backbone: Backbone,
    {numClasses = 2, channels = [256, 128, 64, 32, 16], random = defaultRandom()}: EncoderUNetOptions = {},
  ) {
    super();
    const maps = [...backbone.featureMaps].reverse();
    if (maps.length < 2 || maps.length > channels.length) {
      throw new RangeError(
        `EncoderUNet: expected a backbone with 2 to ${channels.length} feature maps, got ${maps.length}. ` +
          'Take a ResNet, VGG, SqueezeNet or DenseNet, or give channels for as many levels.',
      );
    }
    this.encoder = new BackboneEncoder(backbone);
    let inputs = maps[0].channels;
    const options = {padding: 1, batchNorm: true, random} as const;
    // A level for each map that joins, and, if the finest is smaller than the image, one of the image's own size.
    const skips = maps.slice(1).map(map => map.channels);
    this.#finest = maps[maps.length - 1].stride;
    if (this.#finest > 1) skips.push(0);
    skips.forEach((skip, level) => {
      const out = channels[Math.min(level, channels.length - 1)];
      this.decoder.push(new DoubleConv(inputs + skip, out, options));
      inputs = out;
    });
    this.final = new Conv2d(inputs, numClasses, {kernelSize: 1, random});
    this.#stride = maps[0].stride;
    this.#least = backbone.smallestSide ?? this.#stride;
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    return padToMultiple(images, this.#stride, padded => this.#forward(padded), this.#least);
  }

  /** Starts the encoder from a file of weights of its backbone, trained as a classifier. */
  startEncoder(file: string): Promise<LoadedWeights> {
    return loadWeights(this.encoder, file);
  }

  #forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const maps = this.encoder.forward(images).reverse();
      let x = maps[0];
      this.decoder.forEach((level, l) => {
        const skip = maps[l + 1] as tf.Tensor4D | undefined;
        const [, height, width] = (skip ?? images).shape;
        const grown = resize2d(x, {size: [height, width], method: 'nearest'});
        x = level.forward(skip ? tf.concat([grown, skip], 3) : grown);
      });
      return this.final.forward(x);
    });
  }
}
