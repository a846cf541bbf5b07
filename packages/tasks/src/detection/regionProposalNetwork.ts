// Ren et al., "Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks", NIPS 2015,
// arXiv:1506.01497, section 3.1; over the levels of a pyramid: arXiv:1612.03144, section 4.1.
import {defaultRandom, Module, type Random, sigmoidCrossEntropy, smoothL1Loss, untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {AnchorGenerator} from './anchorGenerator.js';
import {BalancedSampler} from './balancedSampler.js';
import {encodeBoxes} from './boxCoder.js';
import type {PixelSize} from './detectionNetwork.js';
import {matchBoxes} from './matcher.js';
import {ProposalHead} from './proposalHead.js';
import {proposalWeights, selectProposals} from './selectProposals.js';

/** A number for training, and one for prediction. */
export interface PerMode {
  training: number;
  prediction: number;
}

export interface RegionProposalOptions {
  /** Boxes of each level that go into non-maximum suppression, the best. @defaultValue 2000 in training, 1000 else */
  beforeNms?: PerMode;
  /** Boxes of an image that come out. @defaultValue 2000 in training, 1000 else */
  afterNms?: PerMode;
  /** Overlap above which the worse of two boxes goes. @defaultValue 0.7 */
  nmsThreshold?: number;
  /** Boxes with a lower chance to hold an object are left out. @defaultValue 0 */
  scoreThreshold?: number;
  /** Overlap from which on an anchor stands for an object. @defaultValue 0.7 */
  high?: number;
  /** Overlap below which an anchor is background. @defaultValue 0.3 */
  low?: number;
  /** Anchors of each image that the losses look at. @defaultValue 256 */
  perImage?: number;
  /** The part of them that stands for objects, if there are enough. @defaultValue 0.5 */
  positiveFraction?: number;
  /** Where parameters and choices start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** What the head says about every anchor of a batch; A is the number of anchors of an image. */
export interface AnchorScores {
  /** `[A, 4]` float32, `[x1, y1, x2, y2]` in pixels of the input: the same for each image. */
  anchors: tf.Tensor2D;
  /** Anchors of each level. */
  perLevel: readonly number[];
  /** `[N, A]` float32, logits. */
  objectness: tf.Tensor2D;
  /** `[N, A, 4]` float32: `[dx, dy, dw, dh]`. */
  offsets: tf.Tensor3D;
}

/** Proposes boxes that may hold an object, whatever its category. */
export class RegionProposalNetwork extends Module {
  readonly head: ProposalHead;
  readonly anchorGenerator: AnchorGenerator;
  readonly sampler: BalancedSampler;
  readonly options: Required<Omit<RegionProposalOptions, 'random' | 'perImage' | 'positiveFraction'>>;

  /** @param channels - Depth of the feature maps. */
  constructor(
    channels: number,
    anchorGenerator: AnchorGenerator,
    {
      beforeNms = {training: 2000, prediction: 1000},
      afterNms = {training: 2000, prediction: 1000},
      nmsThreshold = 0.7,
      scoreThreshold = 0,
      high = 0.7,
      low = 0.3,
      perImage = 256,
      positiveFraction = 0.5,
      random = defaultRandom(),
    }: RegionProposalOptions = {},
  ) {
    super();
    this.head = new ProposalHead(channels, anchorGenerator.perCell(0), random);
    this.anchorGenerator = anchorGenerator;
    this.sampler = new BalancedSampler({perImage, positiveFraction, random});
    this.options = {beforeNms, afterNms, nmsThreshold, scoreThreshold, high, low};
  }

  /**
   * @param maps - `[N, H, W, channels]` float32 of each level.
   * @param input - Height and width of the network's input.
   */
  forward(maps: readonly tf.Tensor4D[], input: PixelSize): AnchorScores {
    return tf.tidy(() => {
      const levels = maps.map(map => this.head.forward(map));
      const sizes = maps.map(({shape: [, height, width]}) => [height, width] as const);
      return {
        anchors: untaped(() => this.anchorGenerator.anchors(sizes, input)),
        perLevel: levels.map(({objectness}) => objectness.shape[1]),
        objectness: tf.concat(
          levels.map(({objectness}) => objectness),
          1,
        ),
        offsets: tf.concat(
          levels.map(({offsets}) => offsets),
          1,
        ),
      };
    });
  }

  /**
   * The best boxes of each image, the most promising first. They are constants to the gradient.
   *
   * @param sizes - Height and width of each image within the input; boxes are cut there.
   * @returns `[K, 4]` float32 for each image, `[x1, y1, x2, y2]`.
   */
  propose(
    {anchors, perLevel, objectness, offsets}: AnchorScores,
    sizes: readonly PixelSize[],
  ): tf.Tensor2D[] {
    const mode = this.training ? 'training' : 'prediction';
    const {beforeNms, afterNms, nmsThreshold, scoreThreshold} = this.options;
    const options = {nmsThreshold, scoreThreshold, beforeNms: beforeNms[mode], afterNms: afterNms[mode]};
    return untaped(() =>
      sizes.map((size, image) => {
        const logits = tf.reshape(tf.slice(objectness, [image, 0], [1, -1]), [-1]) as tf.Tensor1D;
        const moves = tf.reshape(tf.slice(offsets, [image, 0, 0], [1, -1, -1]), [-1, 4]) as tf.Tensor2D;
        return selectProposals({anchors, perLevel, logits, offsets: moves}, size, options);
      }),
    );
  }

  /**
   * How well anchors are told apart and moved.
   *
   * @param objects - `[M, 4]` float32, the boxes in each image; M may be 0.
   * @returns The mean cross-entropy of the chosen anchors, and the smooth L1 distance of those that stand for objects,
   * by the number of all that were chosen.
   */
  losses(
    {anchors, objectness, offsets}: AnchorScores,
    objects: readonly tf.Tensor2D[],
  ): {objectness: tf.Scalar; proposal: tf.Scalar} {
    return tf.tidy(() => {
      const count = anchors.shape[0];
      const samples = objects.map((boxes, image) =>
        untaped(() => this.#sample(anchors, boxes, image * count)),
      );
      const positive = tf.concat(samples.map(({positive}) => positive));
      const negative = tf.concat(samples.map(({negative}) => negative));
      const moves = tf.concat(samples.map(({moves}) => moves));
      const chosen = tf.concat([positive, negative]);
      const wanted = tf.concat([tf.ones([positive.size]), tf.zeros([negative.size])]) as tf.Tensor1D;

      const logits = tf.gather(tf.reshape(objectness, [-1]), chosen) as tf.Tensor1D;
      const said = tf.gather(tf.reshape(offsets, [-1, 4]), positive) as tf.Tensor2D;
      const distance = smoothL1Loss(said, moves, {beta: 1 / 9, reduction: 'sum'});
      return {
        objectness: sigmoidCrossEntropy(logits, wanted, {reduction: 'mean'}),
        proposal: tf.div(distance, chosen.size) as tf.Scalar,
      };
    });
  }

  /** Anchors to learn from, numbered from `offset` on, and where those that stand for objects should move. */
  #sample(anchors: tf.Tensor2D, objects: tf.Tensor2D, offset: number) {
    const {high, low} = this.options;
    const matches = matchBoxes(objects, anchors, {high, low, keepBest: true});
    const {positive, negative} = this.sampler.forward(matches);
    const moves =
      positive.size === 0
        ? tf.zeros<tf.Rank.R2>([0, 4])
        : encodeBoxes(
            tf.gather(objects, tf.gather(matches, positive)),
            tf.gather(anchors, positive),
            proposalWeights,
          );
    const numbered = (indices: tf.Tensor1D) => tf.add(indices, tf.scalar(offset, 'int32')) as tf.Tensor1D;
    return {positive: numbered(positive), negative: numbered(negative), moves};
  }
}
