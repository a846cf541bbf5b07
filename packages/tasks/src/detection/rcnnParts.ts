import {defaultRandom, type Layer, type Module, type Random} from '@foveal/core';
import {
  type Backbone,
  type FeatureMap,
  freezeBatchNorm,
  freezeStages,
  PyramidBackbone,
  ResNet,
  SingleMapBackbone,
  TakenAway,
} from '@foveal/models';
import type {Tensor4D} from '@tensorflow/tfjs-core';
import {MaskHead, MaskPredictor} from '../instance/maskHead.js';
import {AnchorGenerator} from './anchorGenerator.js';
import {type BoxHead, FastRcnnPredictor, TwoMlpHead} from './boxHead.js';
import {GeneralizedRcnnTransform, type GeneralizedRcnnTransformOptions} from './generalizedRcnnTransform.js';
import {MultiScaleRoiAlign} from './multiScaleRoiAlign.js';
import {RegionProposalNetwork, type RegionProposalOptions} from './regionProposalNetwork.js';
import {RoiHeads, type RoiOptions} from './roiHeads.js';
import {StageHead} from './stageHead.js';

/** What gives the maps that boxes are proposed on and cut from. */
export interface RcnnBackbone extends Module {
  /** From the finest to the coarsest, all of one depth. */
  readonly featureMaps: readonly FeatureMap[];
  /** @param image - `[N, H, W, 3]` float32, preprocessed. @returns `[N, H', W', C]` for each. */
  forward(image: Tensor4D): Tensor4D[];
}

export interface RcnnOptions extends GeneralizedRcnnTransformOptions {
  /** How many categories there are, without background. */
  categories: number;
  /**
   * Where boxes come from: a pyramid on the backbone's maps of stride 4 to 32, or its map of stride 16 alone, as in
   * the first paper; a ResNet's last stage then looks at each box. @defaultValue 'fpn'
   */
  form?: 'fpn' | 'c4';
  /** Depth of the pyramid. @defaultValue 256 */
  channels?: number;
  /** Units of the fully connected layers for each box. @defaultValue 1024 */
  representation?: number;
  /** Filters of the convolutions for each mask. @defaultValue `[256, 256, 256, 256]` */
  maskLayers?: readonly number[];
  /**
   * Sides of the anchors in pixels of the input, for each level. @defaultValue eight times the stride of each level of
   * a pyramid, so 32 to 512; all of 32 to 512 on one map
   */
  anchorSizes?: readonly (readonly number[])[];
  /** Height by width of the anchors. @defaultValue `[0.5, 1, 2]` */
  anchorRatios?: readonly number[];
  /** How boxes are proposed. */
  proposals?: Omit<RegionProposalOptions, 'random'>;
  /** How proposals become detections. */
  rois?: Omit<RoiOptions, 'random'>;
  /** First stages of the backbone that are held as they are: 1 leaves torchvision's three of five. @defaultValue 0 */
  frozenStages?: number;
  /** Whether the statistics and scales of batch norms become constants, for small batches. @defaultValue true */
  freezeNorm?: boolean;
  /** Added to their variances: 0 for torchvision's COCO_V1 weights, which were trained so. @defaultValue the backbone's */
  normEpsilon?: number;
  /** Where parameters and choices start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** Puts an R-CNN together; takes the backbone over. */
export function rcnnParts(body: Backbone, options: RcnnOptions & {masks: boolean}) {
  const {categories, freezeNorm = true, frozenStages = 0, random = defaultRandom()} = options;
  if (!Number.isInteger(categories) || categories < 1) {
    throw new RangeError(`R-CNN: categories must be a whole number of 1 or more, got ${categories}.`);
  }
  if (freezeNorm) freezeBatchNorm(body, {epsilon: options.normEpsilon});
  freezeStages(body, frozenStages);
  const {backbone, sizes, roiHeads} = (options.form === 'c4' ? onOneMap : onPyramid)(body, {
    ...options,
    random,
  });
  const ratios = options.anchorRatios && {ratios: options.anchorRatios};
  const anchors = new AnchorGenerator({sizes: options.anchorSizes ?? sizes, ...ratios});
  const [{channels}] = backbone.featureMaps;
  const rpn = new RegionProposalNetwork(channels, anchors, {...options.proposals, random});
  return {backbone, rpn, roiHeads, imageTransform: new GeneralizedRcnnTransform(options), categories};
}

type Options = RcnnOptions & {masks: boolean; random: Random};

function onPyramid(body: Backbone, options: Options) {
  const {categories, channels = 256, representation = 1024, maskLayers, masks, random, rois} = options;
  const backbone = new PyramidBackbone(body, {channels, random});
  const strides = backbone.featureMaps.map(({stride}) => stride);
  const pooling = (outputSize: number) => new MultiScaleRoiAlign({strides: strides.slice(0, -1), outputSize});
  const head = new TwoMlpHead(7 * 7 * channels, representation, {random});
  const box = {
    pooling: pooling(7),
    head,
    predictor: new FastRcnnPredictor(representation, categories, {random}),
  };
  const mask = masks ? maskBranch(pooling(14), channels, {categories, maskLayers, random}) : null;
  const roiHeads = new RoiHeads(box, mask, {...rois, random});
  return {backbone: backbone as RcnnBackbone, sizes: strides.map(stride => [8 * stride]), roiHeads};
}

function onOneMap(body: Backbone, options: Options) {
  const {categories, representation = 1024, maskLayers, masks, random, rois} = options;
  const map = body.featureMaps.findLast(({stride}) => stride <= 16);
  if (!map) throw new RangeError(`R-CNN: ${body.constructor.name} has no feature map of stride 16 or less.`);
  const head = boxHead(body, map, representation, random);
  const {channels} = map;
  const backbone = new SingleMapBackbone(body, map);
  const pooling = (outputSize: number) => new MultiScaleRoiAlign({strides: [map.stride], outputSize});
  const predictor = new FastRcnnPredictor(head.channels, categories, {random});
  const box = {pooling: pooling(head instanceof StageHead ? 14 : 7), head, predictor};
  const mask = masks
    ? head instanceof StageHead
      ? {
          pooling: pooling(14),
          head: head.stage,
          predictor: new MaskPredictor(head.channels, categories, {random}),
        }
      : maskBranch(pooling(14), channels, {categories, maskLayers, random})
    : null;
  const roiHeads = new RoiHeads(box, mask, {...rois, random});
  return {backbone: backbone as RcnnBackbone, sizes: [[32, 64, 128, 256, 512]], roiHeads};
}

/** The last stage of a ResNet, taken out of it; else two new layers. */
function boxHead(body: Backbone, {layer, channels}: FeatureMap, units: number, random: Random): BoxHead {
  if (!(body instanceof ResNet) || layer !== 'layer3') return new TwoMlpHead(49 * channels, units, {random});
  const head = new StageHead(body.layer4 as Layer, body.featureMaps[3].channels);
  Object.assign(body, {layer4: new TakenAway('layer4')});
  return head;
}

function maskBranch(
  pooling: MultiScaleRoiAlign,
  channels: number,
  {
    categories,
    maskLayers,
    random,
  }: {categories: number; maskLayers: readonly number[] | undefined; random: Random},
) {
  const head = new MaskHead(channels, maskLayers, {random});
  return {pooling, head, predictor: new MaskPredictor(head.channels, categories, {random})};
}
