import type {Preprocess, Random} from '@foveal/core';
import {imageNetEval, type ModelName, type ModelRecord, models, type WeightsRecord} from '@foveal/models';
import {deconvNet} from './deconvNet.js';
import {EncoderFcn} from './encoderFcn.js';
import {EncoderUNet} from './encoderUNet.js';
import {espNet} from './espNet.js';
import {fcn8s, fcn16s, fcn32s} from './fcn.js';
import {fcnResNet50, fcnResNet101} from './fcnResNet.js';
import {PatchClassifier} from './patchClassifier.js';
import {type PixelAccuracy, publishedSegmenters} from './publishedSegmenters.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';
import {uNet, uNetPaper} from './unet.js';

/** What a builder of the table below is called with; each takes of it what it knows. */
export interface SegmentationBuildOptions {
  numClasses?: number;
  random?: Random;
  /** The backbone of `unet_encoder` and `fcn_encoder` and the classifier of `patches`, a name of the registry of `@foveal/models`. */
  encoder?: string;
  /** Of `unet` and `deconvnet`: channels of the first level. */
  channels?: number;
  /** Of `unet`. */
  depth?: number;
  batchNorm?: boolean;
  dropout?: number;
  /** Of `patches`. */
  patchSize?: number;
  step?: number;
}

/** What is known of a network before it is built. */
export interface SegmentationModelRecord {
  build(options?: SegmentationBuildOptions): SegmentationNetwork;
  /** Where it comes from. */
  paper: string;
  /** Trainable values at its default options. */
  parameters: number;
  numClasses: number;
  /** What it expects of its input; `inputSize` is the size of a tile, images may have any. */
  preprocess: Preprocess;
  /** Published weights by version, for `fetchWeights`; where there are any. */
  weights?: Readonly<Record<string, WeightsRecord<PixelAccuracy>>>;
}

const papers = {
  patches: {paper: 'Ciresan et al. 2012, NIPS'},
  fcn: {paper: 'Long et al. 2015, arXiv:1411.4038'},
  deconvNet: {paper: 'Noh et al. 2015, arXiv:1505.04366'},
  uNet: {paper: 'Ronneberger et al. 2015, arXiv:1505.04597'},
  ternaus: {paper: 'Iglovikov & Shvets 2018, arXiv:1801.05746'},
  espNet: {paper: 'Mehta et al. 2018, arXiv:1803.06815'},
};

const imageNet: Preprocess = {...imageNetEval, inputSize: [480, 480]};
delete imageNet.resize;
const tiles = (side: number): Preprocess => ({...imageNet, inputSize: [side, side]});
/** `(v − mean) / std / 255` of bytes in the order of OpenCV, as the authors of ESPNet prepare images. */
const espNetEval: Preprocess = {
  inputSize: [360, 480],
  color: 'bgr',
  scale: 1,
  mean: [109.97965, 108.185905, 104.79663],
  std: [78.02735, 79.13724, 78.08249].map(value => value * 255),
};

/** Every network by its name on the command line. */
// biome-ignore format: a table
export const segmentationModels = {
  patches: {build: patches, parameters: 269_202, ...papers.patches, numClasses: 2, preprocess: tiles(256)},
  fcn32s: {build: fcn32s, parameters: 136_152_917, ...papers.fcn, numClasses: 21, preprocess: imageNet},
  fcn16s: {build: fcn16s, parameters: 134_815_994, ...papers.fcn, numClasses: 21, preprocess: imageNet},
  fcn8s: {build: fcn8s, parameters: 134_489_759, ...papers.fcn, numClasses: 21, preprocess: imageNet},
  fcn_resnet50: {build: fcnResNet50, parameters: 35_322_218, ...papers.fcn, numClasses: 21, preprocess: imageNet, weights: publishedSegmenters.fcn_resnet50},
  fcn_resnet101: {build: fcnResNet101, parameters: 54_314_346, ...papers.fcn, numClasses: 21, preprocess: imageNet, weights: publishedSegmenters.fcn_resnet101},
  deconvnet: {build: deconvNet, parameters: 251_788_949, ...papers.deconvNet, numClasses: 21, preprocess: tiles(224)},
  unet: {build: uNet, parameters: 31_031_810, ...papers.uNet, numClasses: 2, preprocess: tiles(512)},
  unet_paper: {build: uNetPaper, parameters: 31_031_810, ...papers.uNet, numClasses: 2, preprocess: tiles(388)},
  unet_encoder: {build: withEncoder, parameters: 3_848_706, ...papers.ternaus, numClasses: 2, preprocess: tiles(512)},
  fcn_encoder: {build: fcnWithEncoder, parameters: 741_375, ...papers.fcn, numClasses: 21, preprocess: imageNet},
  espnet: {build: espNet, parameters: 365_109, ...papers.espNet, numClasses: 20, preprocess: espNetEval},
} satisfies Record<string, SegmentationModelRecord>;

/** A name in {@link segmentationModels}. */
export type SegmentationModelName = keyof typeof segmentationModels;

function withEncoder({encoder = 'squeezenet1_1', numClasses = 2, random}: SegmentationBuildOptions = {}) {
  const start = random && {random};
  return new EncoderUNet(backboneOf(encoder).build({...start}), {numClasses, ...start});
}

function fcnWithEncoder({encoder = 'squeezenet1_1', numClasses = 21, random}: SegmentationBuildOptions = {}) {
  const start = random && {random};
  return new EncoderFcn(backboneOf(encoder).build({...start}), {numClasses, ...start});
}

function patches({
  encoder = 'resnet20',
  numClasses = 2,
  random,
  patchSize,
  step,
}: SegmentationBuildOptions = {}) {
  const start = random && {random};
  return new PatchClassifier(backboneOf(encoder).build({numClasses, ...start}), {
    ...(patchSize && {patchSize}),
    ...(step && {step}),
    ...start,
  });
}

function backboneOf(name: string): ModelRecord {
  if (Object.hasOwn(models, name)) return models[name as ModelName];
  throw new RangeError(
    `expected the name of a backbone, such as squeezenet1_1 or resnet18, got ${JSON.stringify(name)}. ` +
      'See foveal models for all.',
  );
}
