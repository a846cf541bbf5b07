// Hinton & Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 313, 2006, figure 1.
import {Flatten, type Layer, Linear, Sequential} from '@foveal/core';
import {type ActivationName, activationLayer, startFor} from './activation.js';
import {Autoencoder, type AutoencoderOptions} from './autoencoder.js';
import {Unflatten} from './unflatten.js';

export interface DenseAutoencoderOptions extends AutoencoderOptions {
  /** Units of each layer of the encoder; the last one makes the code. The paper's: 1000, 500, 250, 30. @defaultValue `[256, 32]` */
  layers?: readonly number[];
  /** @defaultValue 'sigmoid' */
  activation?: ActivationName;
  /** That of the code. @defaultValue 'linear', as in the paper */
  codeActivation?: ActivationName;
}

/**
 * Fully connected layers down to a code, and the same in reverse. Layer i of the encoder is `encoder.(1 + 2 i)`; the
 * layer of the decoder that mirrors it stands as far from the end.
 */
export class DenseAutoencoder extends Autoencoder {
  readonly encoder: Sequential;
  readonly decoder: Sequential;
  readonly codeSize: number;
  /** Values of an image, then units of each layer. */
  readonly sizes: readonly number[];
  /** That of each layer of the encoder. */
  readonly activations: readonly ActivationName[];

  constructor(options: DenseAutoencoderOptions = {}) {
    super(options);
    const {layers = [256, 32], activation = 'sigmoid', codeActivation = 'linear', random} = options;
    if (layers.length === 0) throw new RangeError('DenseAutoencoder: expected at least one layer, got none.');
    const depth = layers.length;
    const stream = random ? {random} : {};
    this.sizes = [this.inputShape.reduce((a, b) => a * b), ...layers];
    this.codeSize = layers[depth - 1];
    this.activations = layers.map((_, i) => (i === depth - 1 ? codeActivation : activation));
    const encoder: Layer[] = [new Flatten()];
    for (const [i, name] of this.activations.entries()) {
      const start = {init: startFor(name), ...stream};
      encoder.push(new Linear(this.sizes[i], this.sizes[i + 1], start) as Layer, activationLayer(name));
    }
    const decoder: Layer[] = [];
    for (let i = depth; i > 0; i--) {
      const name = i === 1 ? 'linear' : activation;
      const start = {init: startFor(name), ...stream};
      decoder.push(new Linear(this.sizes[i], this.sizes[i - 1], start) as Layer);
      if (i > 1) decoder.push(activationLayer(name));
    }
    this.encoder = new Sequential(...encoder);
    this.decoder = new Sequential(...decoder, new Unflatten(this.inputShape));
  }

  /** Layer i of the encoder and the one of the decoder that mirrors it. */
  pair(i: number): {encode: Linear; decode: Linear} {
    const depth = this.sizes.length - 1;
    const at = (layers: readonly Layer[], place: number) => layers[place] as Layer & Linear;
    return {
      encode: at(this.encoder.layers, 1 + 2 * i),
      decode: at(this.decoder.layers, 2 * (depth - 1 - i)),
    };
  }
}

/** One linear layer each way: what it finds is the space of the first principal components (Baldi & Hornik, 1989). */
export const linearAutoencoder = ({code = 32, ...options}: AutoencoderOptions & {code?: number} = {}) =>
  new DenseAutoencoder({output: 'linear', ...options, layers: [code], codeActivation: 'linear'});
