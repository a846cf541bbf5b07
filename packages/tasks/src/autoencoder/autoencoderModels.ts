import type {Random} from '@foveal/core';
import type {ActivationName} from './activation.js';
import type {Autoencoder, OutputKind} from './autoencoder.js';
import {ConvolutionalAutoencoder} from './convolutionalAutoencoder.js';
import type {CorruptionSettings} from './corruption.js';
import {DenseAutoencoder, linearAutoencoder} from './denseAutoencoder.js';
import {VariationalAutoencoder} from './variational.js';

/** What a builder of the table below is called with; each takes of it what it knows. */
export interface AutoencoderBuildOptions {
  inputShape?: readonly [number, number, number];
  /** Units of each layer; of the dense one the last makes the code. */
  layers?: readonly number[];
  /** Of the convolutional one: channels of each stage. */
  channels?: readonly number[];
  /** Numbers in a code, where the layers do not tell. */
  code?: number;
  activation?: ActivationName;
  codeActivation?: ActivationName;
  output?: OutputKind;
  corruption?: CorruptionSettings;
  beta?: number;
  random?: Random;
}

/** What is known of an autoencoder before it is built. */
export interface AutoencoderModelRecord {
  build(options?: AutoencoderBuildOptions): Autoencoder;
  /** Where it comes from. */
  paper: string;
  /** Trainable values at its default options. */
  parameters: number;
  /** What it takes of {@link AutoencoderBuildOptions}, besides what all do. */
  settings: readonly (keyof AutoencoderBuildOptions)[];
}

/** Every autoencoder by its name on the command line. */
export const autoencoderModels = {
  dense_autoencoder: {
    build: options => new DenseAutoencoder(options),
    paper: 'Hinton & Salakhutdinov 2006, Science 313',
    parameters: 419_120,
    settings: ['layers', 'activation', 'codeActivation', 'output'],
  },
  linear_autoencoder: {
    build: linearAutoencoder,
    paper: 'Baldi & Hornik 1989, Neural Networks 2',
    parameters: 50_992,
    settings: ['code'],
  },
  conv_autoencoder: {
    build: options => new ConvolutionalAutoencoder(options),
    paper: 'Masci et al. 2011, ICANN',
    parameters: 111_521,
    settings: ['channels', 'code', 'output'],
  },
  variational_autoencoder: {
    build: options => new VariationalAutoencoder(options),
    paper: 'Kingma & Welling 2014, arXiv:1312.6114',
    parameters: 652_824,
    settings: ['layers', 'code', 'activation', 'output', 'beta'],
  },
} satisfies Record<string, AutoencoderModelRecord>;

/** A name in {@link autoencoderModels}. */
export type AutoencoderModelName = keyof typeof autoencoderModels;
