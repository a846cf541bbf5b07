// Masci et al., "Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction", ICANN 2011.
import {Conv2d, ConvTranspose2d, Flatten, init, type Layer, Linear, Relu, Sequential} from '@foveal/core';
import type {FeatureMap} from '@foveal/models';
import {Autoencoder, type AutoencoderOptions} from './autoencoder.js';
import {Unflatten} from './unflatten.js';

export interface ConvolutionalAutoencoderOptions extends AutoencoderOptions {
  /** Channels of each stage, which halves height and width. @defaultValue `[16, 32]` */
  channels?: readonly number[];
  /** Numbers in a code. @defaultValue 32 */
  code?: number;
}

/**
 * Convolutions of 3 × 3 with stride 2, a linear code, and transposed convolutions back to the size of the image,
 * whatever it is. Deviation: strides instead of the paper's max-pooling, which throws away the places it needs to
 * draw the image again.
 */
export class ConvolutionalAutoencoder extends Autoencoder {
  readonly encoder: Sequential;
  readonly decoder: Sequential;
  readonly codeSize: number;
  override readonly featureMaps: readonly FeatureMap[];

  constructor(options: ConvolutionalAutoencoderOptions = {}) {
    super(options);
    const {channels = [16, 32], code = 32, random} = options;
    if (channels.length === 0)
      throw new RangeError('ConvolutionalAutoencoder: expected at least one stage, got none.');
    const start = {init: init.kaimingNormal(), ...(random && {random})};
    const [height, width, colors] = this.inputShape;
    const depths = [colors, ...channels];
    const sizes = depths.map(
      (_, s) => [height, width].map(side => Math.ceil(side / 2 ** s)) as [number, number],
    );
    const deepest = [...sizes[channels.length], depths[channels.length]] as [number, number, number];
    const values = deepest.reduce((a, b) => a * b);
    const filters = {kernelSize: 3, stride: 2, padding: 1, ...start};

    const encoder = channels.flatMap((depth, s) => [
      new Conv2d(depths[s], depth, filters) as Layer,
      new Relu(),
    ]);
    this.encoder = new Sequential(...encoder, new Flatten(), new Linear(values, code, start) as Layer);
    this.decoder = new Sequential(
      new Linear(code, values, start) as Layer,
      new Relu(),
      new Unflatten(deepest),
    );
    for (let s = channels.length; s > 0; s--) {
      const [[h, w], [smallH, smallW]] = [sizes[s - 1], sizes[s]];
      const outputPadding: [number, number] = [h - (2 * smallH - 1), w - (2 * smallW - 1)];
      this.decoder.push(new ConvTranspose2d(depths[s], depths[s - 1], {...filters, outputPadding}) as Layer);
      if (s > 1) this.decoder.push(new Relu());
    }
    this.codeSize = code;
    this.featureMaps = channels.map((depth, s) => ({
      layer: `encoder.${2 * s + 1}`,
      channels: depth,
      stride: 2 ** (s + 1),
    }));
  }
}
