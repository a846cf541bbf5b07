// Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014, arXiv:1312.6114, section 3 and appendices B, C.2.
import {defaultRandom, Flatten, type Layer, Linear, Random, Sequential} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {type ActivationName, activationLayer, startFor} from './activation.js';
import {Autoencoder, type AutoencoderOptions, type AutoencoderPass} from './autoencoder.js';
import {Unflatten} from './unflatten.js';

export interface VariationalAutoencoderOptions extends AutoencoderOptions {
  /** Units of the hidden layers of the encoder; those of the decoder mirror them. @defaultValue `[400]` */
  layers?: readonly number[];
  /** Numbers in a code. @defaultValue 20 */
  code?: number;
  /** @defaultValue 'tanh', as in the paper */
  activation?: ActivationName;
  /** How much the divergence counts; 1 gives the evidence bound (β of Higgins et al., ICLR 2017). @defaultValue 1 */
  beta?: number;
}

/**
 * Codes are normal distributions: the encoder gives mean and logarithm of the variance of each number, training draws
 * from them, and their divergence from the standard normal distribution is a penalty. So any code drawn from that
 * decodes to an image. Losses are the negative evidence bound of equation 10, divided by the values of an image, as a
 * mean over pixels is.
 */
export class VariationalAutoencoder extends Autoencoder {
  readonly encoder: Sequential;
  readonly decoder: Sequential;
  readonly codeSize: number;
  readonly beta: number;
  #random: Random;

  constructor(options: VariationalAutoencoderOptions = {}) {
    super(options);
    const {layers = [400], code = 20, activation = 'tanh', beta = 1, random = defaultRandom()} = options;
    const values = this.inputShape.reduce((a, b) => a * b);
    const dense = (sizes: readonly number[]): Layer[] =>
      sizes.slice(1).flatMap((size, i) => {
        const start = {init: startFor(activation), random};
        return [new Linear(sizes[i], size, start) as Layer, activationLayer(activation)];
      });
    const last = (from: number, to: number) =>
      new Linear(from, to, {init: startFor('linear'), random}) as Layer;
    const down = [values, ...layers];
    const up = [code, ...layers.toReversed()];
    this.encoder = new Sequential(new Flatten(), ...dense(down), last(down[down.length - 1], 2 * code));
    this.decoder = new Sequential(
      ...dense(up),
      last(up[up.length - 1], values),
      new Unflatten(this.inputShape),
    );
    this.codeSize = code;
    this.beta = beta;
    this.#random = random.split();
  }

  protected override takeRandom(random: Random): void {
    this.#random = random;
  }

  /** The means of the codes. */
  override encode(images: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => this.distribution(images).mean);
  }

  /** Mean and logarithm of the variance of each number of the codes, `[N, codeSize]` each. Differentiable. */
  distribution(images: tf.Tensor4D): {mean: tf.Tensor2D; logVariance: tf.Tensor2D} {
    this.checkImages(images);
    return tf.tidy(() => {
      const both = this.encoder.forward(images) as tf.Tensor2D;
      const [mean, logVariance] = tf.split(both, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      return {mean, logVariance};
    });
  }

  override pass(images: tf.Tensor4D): AutoencoderPass {
    const {mean, logVariance} = this.distribution(this.spoilt(images));
    const codes = this.training
      ? tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), this.#normal(mean.shape)))
      : mean;
    const values = this.inputShape.reduce((a, b) => a * b);
    const divergence = tf.mul(normalDivergence(mean, logVariance), this.beta / values) as tf.Scalar;
    return {codes: mean, decoded: this.decoder.forward(codes) as tf.Tensor4D, penalties: {divergence}};
  }

  /** New images, from codes drawn at random. @returns `[count, H, W, C]` float32; the caller owns it. */
  sample(count: number, random: Random): tf.Tensor4D {
    const values = new Float32Array(count * this.codeSize);
    random.fillNormal(values, 0, 1);
    return tf.tidy(() => this.decode(tf.tensor2d(values, [count, this.codeSize])));
  }

  #normal(shape: [number, number]): tf.Tensor2D {
    const values = new Float32Array(shape[0] * shape[1]);
    new Random(this.#random.uint32()).fillNormal(values, 0, 1);
    return tf.tensor2d(values, shape);
  }
}

/**
 * The divergence of normal distributions with independent numbers from the standard one,
 * `½ Σ (μ² + σ² − log σ² − 1)`, as a mean over the batch (appendix B). Differentiable in both.
 *
 * @param mean - `[N, D]` float32: μ.
 * @param logVariance - `[N, D]` float32: log σ².
 * @returns A scalar of at least 0.
 */
export function normalDivergence(mean: tf.Tensor2D, logVariance: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
    return tf.mul(tf.mean(tf.sum(terms, 1)), 0.5);
  });
}
