// Girshick et al., "Rich feature hierarchies for accurate object detection", CVPR 2014, arXiv:1311.2524, section 2.
import {
  AdaptiveAvgPool2d,
  batchedNms,
  clipBoxes,
  defaultRandom,
  flatten,
  indicesWhere,
  init,
  Linear,
  Module,
  type Preprocess,
  type Random,
} from '@foveal/core';
import type {Image} from '@foveal/data';
import {type Backbone, features, withoutHead} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {decodeBoxes} from '../boxCoder.js';
import type {Detections} from '../detectionNetwork.js';
import {largeEnough} from '../largeEnough.js';
import type {ProposalSource} from '../selectiveSearch/proposalCache.js';
import {selectiveSearch} from '../selectiveSearch/selectiveSearch.js';
import {warpRegions} from './warpRegions.js';

export interface RegionCnnOptions {
  categories: readonly string[];
  /** What the backbone expects of its input; regions are warped to its `inputSize`. */
  preprocess: Preprocess;
  /** @defaultValue selective search in fast mode */
  proposals?: ProposalSource;
  /** The layer whose maps tell regions apart. @defaultValue the last of the backbone's feature maps */
  layer?: string;
  /** Cells along each side that the maps are averaged in; a place needs more than one. @defaultValue 2 */
  grid?: number;
  /** Pixels around a box in its warped picture. @defaultValue 16 */
  context?: number;
  /** Regions that go through the backbone at once. @defaultValue 64 */
  batchSize?: number;
  /** Overlap above which the worse of two boxes of a category goes. @defaultValue 0.3 */
  nmsThreshold?: number;
  /** The score of an SVM from which on a box is given; −1 is the margin of its negatives. @defaultValue -1 */
  scoreThreshold?: number;
  /** The most detections of an image. @defaultValue 100 */
  limit?: number;
  /** Where the last layers start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * Regions with deep features: each proposed box is warped to the input of a classifier, whose features go to a linear
 * SVM and a box regression for each category. Learns by `trainRcnn`, in stages, for it has no one loss. The last layers
 * are `[categories]` templates each: `classifier` names regions while the backbone is fine-tuned, and is of no use
 * afterwards.
 */
export class Rcnn extends Module {
  readonly backbone: Backbone;
  /** `[categories + 1, D]`: background is the first. */
  readonly classifier: Linear;
  /** `[categories, D]`, for features of mean norm 20. */
  readonly svm: Linear;
  /** `[4 · categories, D]`: `[dx, dy, dw, dh]` for each. */
  readonly boxes: Linear;
  readonly options: Required<Omit<RegionCnnOptions, 'random'>>;
  readonly #pool: AdaptiveAvgPool2d;

  /** @param backbone - Taken over: what lies behind `layer` is cut off. @throws RangeError if there is no such layer. */
  constructor(backbone: Backbone, options: RegionCnnOptions) {
    super();
    const {categories, grid = 2, random = defaultRandom()} = options;
    const last = backbone.featureMaps.at(-1);
    const {layer = last?.layer} = options;
    const map = backbone.featureMaps.find(({layer: own}) => own === layer);
    if (layer === undefined || !map) {
      throw new RangeError(
        `Rcnn: the backbone has no feature map ${JSON.stringify(layer)}. ` +
          `It has ${backbone.featureMaps.map(({layer}) => layer).join(', ') || 'none'}.`,
      );
    }
    const length = map.channels * grid ** 2;
    const linear = (outputs: number) => new Linear(length, outputs, {init: init.normal(0, 0.01), random});
    this.backbone = withoutHead(backbone, layer);
    this.classifier = linear(categories.length + 1);
    this.svm = linear(categories.length);
    this.boxes = linear(4 * categories.length);
    this.#pool = new AdaptiveAvgPool2d([grid, grid]);
    this.options = {
      proposals: image => selectiveSearch(image),
      context: 16,
      batchSize: 64,
      nmsThreshold: 0.3,
      scoreThreshold: -1,
      limit: 100,
      ...options,
      layer,
      grid,
    };
  }

  /**
   * Features of warped regions. Differentiable in the backbone's parameters.
   *
   * @param regions - `[R, H, W, 3]` float32, normalised.
   * @returns `[R, D]`.
   */
  forward(regions: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const [map] = features(this.backbone, regions, [this.options.layer]);
      return flatten(this.#pool.forward(map));
    });
  }

  /** @param boxes - `[R · 4]`. @returns `[R, D]` float32: the features of these boxes; the caller owns them. */
  regionFeatures(image: Image, boxes: Float32Array): tf.Tensor2D {
    const {batchSize} = this.options;
    const count = boxes.length / 4;
    return tf.tidy(() => {
      const parts: tf.Tensor2D[] = [tf.zeros([0, this.svm.weight.shape[1]])];
      for (let start = 0; start < count; start += batchSize) {
        const part = boxes.subarray(4 * start, 4 * (start + batchSize));
        parts.push(tf.tidy(() => this.forward(warpRegions(image, part, this.options))));
      }
      return tf.concat(parts);
    });
  }

  /**
   * What is in each image. A score is the logistic function of the SVM's, so that it lies in [0, 1]: 0.5 is its
   * boundary, 0.73 its margin; it is no probability.
   */
  async predict(images: readonly Image[]): Promise<Detections[]> {
    this.eval();
    const found: Detections[] = [];
    for (const image of images) found.push(await this.#detect(image));
    return found;
  }

  async #detect(image: Image): Promise<Detections> {
    const proposals = this.options.proposals(image);
    const detected = tf.tidy(() => {
      const {scoreThreshold, nmsThreshold, limit, categories} = this.options;
      const regions = tf.tensor2d(proposals, [proposals.length / 4, 4]);
      const vectors = this.regionFeatures(image, proposals);
      const margins = tf.reshape(this.svm.forward(vectors), [-1]) as tf.Tensor1D;
      const chosen = indicesWhere(tf.greater(margins, scoreThreshold));
      const count = tf.scalar(categories.length, 'int32');
      const row = tf.floorDiv(chosen, count) as tf.Tensor1D;
      const label = tf.sub(chosen, tf.mul(row, count)) as tf.Tensor1D;
      const moves = tf.gather(tf.reshape(this.boxes.forward(vectors), [-1, 4]), chosen) as tf.Tensor2D;
      const moved = decodeBoxes(moves, tf.gather(regions, row), [1, 1, 1, 1]);
      const clipped = clipBoxes(moved, [image.height, image.width]);
      const fit = indicesWhere(largeEnough(clipped, 1));
      const boxes = tf.gather(clipped, fit);
      const labels = tf.gather(label, fit);
      const scores = tf.sigmoid(tf.gather(tf.gather(margins, chosen), fit));
      const kept = batchedNms(boxes, scores, labels, {iouThreshold: nmsThreshold});
      const best = tf.slice(kept, 0, Math.min(kept.size, limit));
      return [boxes, scores, labels].map(rows => tf.gather(rows, best));
    });
    try {
      const [boxes, scores, labels] = await Promise.all(detected.map(rows => rows.data()));
      return {
        boxes: Float32Array.from(boxes),
        scores: Float32Array.from(scores),
        labels: Int32Array.from(labels),
      };
    } finally {
      tf.dispose(detected);
    }
  }
}
