// Hinton & Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 313, 2006.
import {Module, type Random, type Sequential} from '@foveal/core';
import type {FeatureMap} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {Corruption, type CorruptionSettings} from './corruption.js';

/** Whether values of the images are any numbers, or shares in [0, 1] that come out of a sigmoid. */
export type OutputKind = 'linear' | 'sigmoid';

export interface AutoencoderOptions {
  /** `[height, width, channels]` of the images. @defaultValue `[28, 28, 1]`, MNIST's */
  inputShape?: readonly [height: number, width: number, channels: number];
  /** @defaultValue 'sigmoid', for images in [0, 1] */
  output?: OutputKind;
  /** Noise on the images in training: the autoencoder then learns to take it off. @defaultValue none */
  corruption?: CorruptionSettings | undefined;
  /** Where parameters and noise come from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** What an autoencoder makes of images on the way to its losses. */
export interface AutoencoderPass {
  /** `[N, codeSize]` float32. */
  codes: tf.Tensor2D;
  /** `[N, H, W, C]` float32; before the sigmoid, if the output is one. */
  decoded: tf.Tensor4D;
  /** Losses that belong to the network itself, weighted. */
  penalties: Record<string, tf.Scalar>;
}

/** A network that writes an image as a short code and draws it again from that. */
export abstract class Autoencoder extends Module {
  /** Images to codes, or to what {@link Autoencoder.encode} takes them from. */
  abstract readonly encoder: Sequential;
  /** Codes to images, before the sigmoid. */
  abstract readonly decoder: Sequential;
  /** Numbers in a code. */
  abstract readonly codeSize: number;
  /** Where heads can take features, by paths from here; none if there are no places left. */
  readonly featureMaps: readonly FeatureMap[] = [];
  readonly inputShape: readonly [number, number, number];
  readonly output: OutputKind;
  readonly corruption: Corruption | null;

  constructor({inputShape = [28, 28, 1], output = 'sigmoid', corruption, random}: AutoencoderOptions) {
    super();
    if (!inputShape.every(side => Number.isInteger(side) && side > 0)) {
      throw new RangeError(
        `${new.target.name}: inputShape is [height, width, channels] in whole numbers above 0, got [${inputShape}].`,
      );
    }
    this.inputShape = inputShape;
    this.output = output;
    this.corruption = corruption ? new Corruption(corruption, random) : null;
  }

  /** @param images - `[N, H, W, C]` float32. @returns `[N, codeSize]`. Differentiable. */
  encode(images: tf.Tensor4D): tf.Tensor2D {
    this.checkImages(images);
    return this.encoder.forward(images) as tf.Tensor2D;
  }

  /** @param codes - `[N, codeSize]` float32. @returns images as they are meant to be seen. Differentiable. */
  decode(codes: tf.Tensor2D): tf.Tensor4D {
    return tf.tidy(() => this.squash(this.decoder.forward(codes) as tf.Tensor4D));
  }

  /** Images and back. @param images - `[N, H, W, C]` float32. @returns The same shape. Differentiable. */
  forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.decode(this.encode(images)));
  }

  /** All that losses need: in training codes are those of spoilt images. The caller owns the tensors. */
  pass(images: tf.Tensor4D): AutoencoderPass {
    const codes = this.encode(this.spoilt(images));
    return {codes, decoded: this.decoder.forward(codes) as tf.Tensor4D, penalties: {}};
  }

  protected spoilt(images: tf.Tensor4D): tf.Tensor4D {
    return this.corruption ? this.corruption.forward(images) : images;
  }

  protected checkImages(images: tf.Tensor4D): void {
    if (String(images.shape.slice(1)) === String(this.inputShape)) return;
    throw new TypeError(
      `${this.constructor.name}: images must have shape [N, ${this.inputShape.join(', ')}], got [${images.shape}]. ` +
        'Resize them, or build it with their inputShape.',
    );
  }

  private squash(decoded: tf.Tensor4D): tf.Tensor4D {
    return this.output === 'sigmoid' ? tf.sigmoid(decoded) : decoded;
  }
}
