import {mseLoss, sigmoidCrossEntropy} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Autoencoder} from './autoencoder.js';
import {contraction as contractionOf} from './contractive.js';
import {DenseAutoencoder} from './denseAutoencoder.js';
import {klSparsity, l1Sparsity} from './sparsity.js';

export const reconstructionLosses = ['mse', 'crossEntropy'] as const;
/** `crossEntropy` takes each value in [0, 1] as a probability. */
export type ReconstructionLoss = (typeof reconstructionLosses)[number];

/** What makes codes sparse: rates of sigmoid units near a target, or small absolute values. */
export type SparsitySettings = {kind: 'kl'; target: number; weight: number} | {kind: 'l1'; weight: number};

export interface AutoencoderLossOptions {
  /** @defaultValue cross-entropy for outputs of a sigmoid, otherwise the mean squared difference */
  reconstruction?: ReconstructionLoss | undefined;
  /** @defaultValue none */
  sparsity?: SparsitySettings | undefined;
  /** How much the {@link contractionOf contraction} counts, of networks with one dense layer. @defaultValue 0 */
  contraction?: number | undefined;
}

/**
 * @throws TypeError unless the network fits the losses: cross-entropy needs a sigmoid at the output, rates need one at
 * the code, contraction a single dense layer.
 */
export function checkAutoencoderLosses(
  network: Autoencoder,
  {reconstruction, sparsity, contraction = 0}: AutoencoderLossOptions,
): void {
  const code = network instanceof DenseAutoencoder ? network.activations.at(-1) : undefined;
  if (reconstruction === 'crossEntropy' && network.output !== 'sigmoid') {
    throw new TypeError(
      'autoencoder: cross-entropy needs values in [0, 1]; build the network with output sigmoid.',
    );
  }
  if (sparsity?.kind === 'kl' && code !== 'sigmoid') {
    throw new TypeError(
      `autoencoder: KL sparsity is for rates, so for codes of sigmoid units; these are ${code ?? 'linear'}. ` +
        'Build a dense autoencoder with codeActivation sigmoid, or use l1.',
    );
  }
  if (contraction > 0 && !(network instanceof DenseAutoencoder && network.sizes.length === 2)) {
    throw new TypeError(
      'autoencoder: the contraction is known in closed form for one dense layer; build a dense autoencoder with one.',
    );
  }
}

/**
 * The named losses of a batch: of what the network makes of its images (spoilt, in training, if it is denoising) against
 * the images themselves, and penalties. Differentiable.
 */
export function autoencoderLosses(
  network: Autoencoder,
  images: tf.Tensor4D,
  {
    reconstruction = network.output === 'sigmoid' ? 'crossEntropy' : 'mse',
    sparsity,
    contraction = 0,
  }: AutoencoderLossOptions = {},
): Record<string, tf.Scalar> {
  const {codes, decoded, penalties} = network.pass(images);
  const losses: Record<string, tf.Scalar> = {
    reconstruction: reconstructionLoss(decoded, images, reconstruction, network.output === 'sigmoid'),
    ...penalties,
  };
  if (sparsity) {
    const penalty = sparsity.kind === 'kl' ? klSparsity(codes, sparsity.target) : l1Sparsity(codes);
    losses['sparsity'] = tf.mul(penalty, sparsity.weight);
  }
  if (contraction > 0 && network instanceof DenseAutoencoder) {
    const penalty = contractionOf(codes, network.pair(0).encode.weight, network.activations[0]);
    losses['contraction'] = tf.mul(penalty, contraction);
  }
  return losses;
}

/**
 * How far decoded values are from the truth, a mean over all. Differentiable in `decoded`.
 *
 * @param decoded - Any shape, float32; before the sigmoid, if `squashed`.
 * @param truth - The same shape.
 * @param squashed - Whether a sigmoid comes behind.
 */
export function reconstructionLoss(
  decoded: tf.Tensor,
  truth: tf.Tensor,
  loss: ReconstructionLoss,
  squashed: boolean,
): tf.Scalar {
  if (loss === 'crossEntropy') return sigmoidCrossEntropy(decoded, truth);
  return tf.tidy(() => mseLoss(squashed ? tf.sigmoid(decoded) : decoded, truth));
}
