// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083.
import {defaultRandom, Module, type Random} from '@foveal/core';
import type {Image} from '@foveal/data';
import {type Backbone, freezeBatchNorm, freezeStages, SingleMapBackbone, Vgg} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {type BoxHead, FastRcnnPredictor, TwoMlpHead} from './boxHead.js';
import {checkTargets} from './checkTargets.js';
import type {
  DetectionBatch,
  DetectionNetwork,
  ImageTransform,
  NetworkDetections,
  PixelSize,
  Placement,
} from './detectionNetwork.js';
import {GeneralizedRcnnTransform, type GeneralizedRcnnTransformOptions} from './generalizedRcnnTransform.js';
import {MultiScaleRoiAlign} from './multiScaleRoiAlign.js';
import {placeBoxes} from './placement.js';
import {RoiHeads, type RoiOptions, type RoiPooling} from './roiHeads.js';
import {RoiMaxPooling} from './roiMaxPooling.js';
import type {ProposalSource} from './selectiveSearch/proposalCache.js';
import {selectiveSearch} from './selectiveSearch/selectiveSearch.js';
import {VggHead} from './vggHead.js';

export interface FastRcnnOptions extends GeneralizedRcnnTransformOptions {
  /** How many categories there are, without background. */
  categories: number;
  /** Where an image's boxes come from, e.g. a `proposalCache`. @defaultValue selective search in fast mode */
  proposals?: ProposalSource;
  /** The most proposals of an image to look at, the first. @defaultValue 2000 */
  limit?: number;
  /** How a box's features are cut out of the map: the paper's maxima, or means of samples. @defaultValue 'pool' */
  pooling?: 'pool' | 'align';
  /** Layer whose map boxes are cut from. @defaultValue the coarsest feature map of stride 16 or less */
  layer?: string;
  /** Units of the two layers for each box; a VGG brings its own. @defaultValue 1024 */
  representation?: number;
  /** How proposals become detections; 64 an image, a quarter of them objects. */
  rois?: Omit<RoiOptions, 'random'>;
  /** First stages of the backbone that are held as they are. @defaultValue 0 */
  frozenStages?: number;
  /** Whether the statistics and scales of batch norms become constants. @defaultValue true */
  freezeNorm?: boolean;
  /** Where parameters and choices start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** What a {@link FastRcnn} is put together from. */
export interface FastRcnnParts {
  backbone: SingleMapBackbone;
  roiHeads: RoiHeads;
  imageTransform: ImageTransform;
  proposals: ProposalSource;
  limit: number;
  categories: number;
}

/**
 * Looks at each image once, cuts features of proposed boxes out of one map, names and moves each. The proposals come
 * from outside: they are asked for as images are put into a batch, and go by the batch's placements. Train with two
 * images a batch, as in section 2.3.
 */
export class FastRcnn extends Module implements DetectionNetwork {
  readonly backbone: SingleMapBackbone;
  readonly roi_heads: RoiHeads;
  readonly imageTransform: ImageTransform;
  readonly categories: number;
  readonly learnsMasks = false;
  readonly #proposed = new WeakMap<Placement, Float32Array>();

  constructor({backbone, roiHeads, imageTransform, proposals, limit, categories}: FastRcnnParts) {
    super();
    this.backbone = backbone;
    this.roi_heads = roiHeads;
    this.categories = categories;
    this.imageTransform = {
      toInput: (images: readonly Image[]) => {
        const input = imageTransform.toInput(images);
        input.placements.forEach((placement, i) => {
          const boxes = proposals(images[i]).subarray(0, 4 * limit);
          const [height, width] = placement.size;
          // Something has to be looked at in a tiny image, too.
          const some = boxes.length > 0 ? boxes : Float32Array.of(0, 0, width, height);
          this.#proposed.set(placement, placeBoxes(some, placement));
        });
        return input;
      },
    };
  }

  /** The same as {@link FastRcnn.detect}. */
  forward(images: tf.Tensor4D, placements: readonly Placement[]): NetworkDetections[] {
    return this.detect(images, placements);
  }

  /**
   * @returns `category` and `box`.
   * @throws RangeError if a box or label cannot be learned, or the placements are not from `imageTransform`.
   */
  losses(batch: DetectionBatch): Record<string, tf.Scalar> {
    const {images, placements, targets} = batch;
    checkTargets('FastRcnn', batch, this.categories, false);
    return tf.tidy(() => {
      const maps = this.backbone.forward(images);
      return this.roi_heads.losses(maps, this.#boxes(placements), targets, placements.map(sizeWithin));
    });
  }

  /** @throws RangeError if the placements are not from `imageTransform`. */
  detect(images: tf.Tensor4D, placements: readonly Placement[]): NetworkDetections[] {
    return tf.tidy(() => {
      const maps = this.backbone.forward(images);
      return this.roi_heads.detect(maps, this.#boxes(placements), placements.map(sizeWithin));
    });
  }

  #boxes(placements: readonly Placement[]): tf.Tensor2D[] {
    return placements.map(placement => {
      const boxes = this.#proposed.get(placement);
      if (boxes) return tf.tensor2d(boxes, [boxes.length / 4, 4]);
      throw new RangeError(
        'FastRcnn: there are no proposals for a placement. Pass on those that its imageTransform.toInput gave, not copies.',
      );
    });
  }
}

/** Height and width of an image within the input, where boxes are cut. */
const sizeWithin = ({size, scale, offset}: Placement): PixelSize => [
  Math.round(offset[0] + size[0] * scale[0]),
  Math.round(offset[1] + size[1] * scale[1]),
];

/**
 * A Fast R-CNN on any backbone with feature maps. It takes the backbone over, and frees its classifier; of a VGG the
 * two hidden layers of the classifier, fc6 and fc7, look at each box, as in the paper.
 *
 * @example fastRcnn(vgg16(), {categories: 20, proposals: proposalCache('proposals')})
 * @throws RangeError if there is no such layer, or an option is out of range.
 */
export function fastRcnn(body: Backbone, options: FastRcnnOptions): FastRcnn {
  const {categories, limit = 2000, representation = 1024, random = defaultRandom()} = options;
  if (!Number.isInteger(categories) || categories < 1) {
    throw new RangeError(`fastRcnn: categories must be a whole number of 1 or more, got ${categories}.`);
  }
  const map = options.layer
    ? body.featureMaps.find(({layer}) => layer === options.layer)
    : body.featureMaps.findLast(({stride}) => stride <= 16);
  if (!map) {
    throw new RangeError(
      `fastRcnn: the backbone has no feature map ${options.layer ?? 'of stride 16 or less'}. ` +
        `It has ${body.featureMaps.map(({layer, stride}) => `${layer} (stride ${stride})`).join(', ') || 'none'}.`,
    );
  }
  if (options.freezeNorm ?? true) freezeBatchNorm(body);
  freezeStages(body, options.frozenStages ?? 0);
  const head: BoxHead =
    body instanceof Vgg && map === body.featureMaps.at(-1)
      ? new VggHead(body)
      : new TwoMlpHead(49 * map.channels, representation, {random});
  const pooling: RoiPooling =
    options.pooling === 'align'
      ? new MultiScaleRoiAlign({strides: [map.stride], outputSize: 7})
      : new RoiMaxPooling({stride: map.stride, outputSize: 7});
  const predictor = new FastRcnnPredictor(head.channels, categories, {random});
  return new FastRcnn({
    backbone: new SingleMapBackbone(body, map),
    roiHeads: new RoiHeads({pooling, head, predictor}, null, {perImage: 64, ...options.rois, random}),
    imageTransform: new GeneralizedRcnnTransform({minSize: 600, maxSize: 1000, ...options}),
    proposals: options.proposals ?? (image => selectiveSearch(image, {limit})),
    limit,
    categories,
  });
}
