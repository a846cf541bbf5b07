// Ren et al., "Faster R-CNN", NIPS 2015, arXiv:1506.01497, section 3.2; the mask branch: He et al., "Mask R-CNN",
// ICCV 2017, arXiv:1703.06870, section 3.
import {defaultRandom, Module, type Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {MaskPredictor} from '../instance/maskHead.js';
import {maskLoss} from '../instance/maskLoss.js';
import {BalancedSampler} from './balancedSampler.js';
import type {BoxWeights} from './boxCoder.js';
import {boxDetections} from './boxDetections.js';
import type {BoxHead, BoxPredictions, FastRcnnPredictor} from './boxHead.js';
import type {NetworkDetections, PixelSize, Target} from './detectionNetwork.js';
import {fastRcnnLoss} from './fastRcnnLoss.js';
import {imageNumbers, sampleRois} from './sampleRois.js';

/** Cuts a grid of features out of maps for each box: multi-scale RoIAlign, or RoIPool on one map. */
export interface RoiPooling {
  /** `outputSize`: S below. */
  readonly options: {readonly outputSize: number};
  /**
   * @param maps - `[N, H, W, C]` float32.
   * @param boxes - `[K, 4]` float32 in pixels of the input.
   * @param images - `[K]` int32.
   * @returns `[K, S, S, C]` float32.
   */
  pool(maps: readonly tf.Tensor4D[], boxes: tf.Tensor2D, images: tf.Tensor1D): tf.Tensor4D;
}

export interface RoiOptions {
  /** Detections with this score or less are left out. @defaultValue 0.05 */
  scoreThreshold?: number;
  /** Overlap above which the worse of two boxes of a category goes. @defaultValue 0.5 */
  nmsThreshold?: number;
  /** The most detections of an image. @defaultValue 100 */
  limit?: number;
  /** Overlap from which on a proposal stands for an object. @defaultValue 0.5 */
  high?: number;
  /** Overlap below which a proposal is background. @defaultValue 0.5 */
  low?: number;
  /** Proposals of each image that the losses look at. @defaultValue 512 */
  perImage?: number;
  /** The part of them that stands for objects, if there are enough. @defaultValue 0.25 */
  positiveFraction?: number;
  /** What the moves of boxes are multiplied by. @defaultValue `[10, 10, 5, 5]` */
  weights?: BoxWeights;
  /** Where choices are drawn from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** Names, moves and, where there is a branch for it, masks. */
export interface BoxBranch {
  pooling: RoiPooling;
  head: BoxHead;
  predictor: FastRcnnPredictor;
}
export interface MaskBranch {
  pooling: RoiPooling;
  /** `[R, S, S, C]` to `[R, S, S, C']`. */
  head: Module & {forward(pooled: tf.Tensor): tf.Tensor};
  predictor: MaskPredictor;
}

/** How many boxes are pooled at once for prediction. */
const boxesAtOnce = 256;

/** What looks at each proposed box. Names are torchvision's: `box_head`, `box_predictor`, `mask_head`, `mask_predictor`. */
export class RoiHeads extends Module {
  readonly box_head: BoxHead;
  readonly box_predictor: FastRcnnPredictor;
  readonly mask_head: MaskBranch['head'] | null;
  readonly mask_predictor: MaskPredictor | null;
  readonly sampler: BalancedSampler;
  readonly options: Required<Omit<RoiOptions, 'random' | 'perImage' | 'positiveFraction'>>;
  readonly #boxPooling: RoiPooling;
  readonly #maskPooling: RoiPooling | null;

  constructor(
    box: BoxBranch,
    mask: MaskBranch | null,
    {
      scoreThreshold = 0.05,
      nmsThreshold = 0.5,
      limit = 100,
      high = 0.5,
      low = 0.5,
      perImage = 512,
      positiveFraction = 0.25,
      weights = [10, 10, 5, 5],
      random = defaultRandom(),
    }: RoiOptions = {},
  ) {
    super();
    this.box_head = box.head;
    this.box_predictor = box.predictor;
    this.mask_head = mask?.head ?? null;
    this.mask_predictor = mask?.predictor ?? null;
    this.sampler = new BalancedSampler({perImage, positiveFraction, random});
    this.options = {scoreThreshold, nmsThreshold, limit, high, low, weights};
    this.#boxPooling = box.pooling;
    this.#maskPooling = mask?.pooling ?? null;
  }

  /**
   * What each box costs: the side of what is pooled from it, and the layers that this runs through.
   */
  get branches(): {side: number; run(pooled: tf.Tensor4D): void}[] {
    const [boxSide, maskSide] = [this.#boxPooling, this.#maskPooling].map(
      pooling => pooling?.options.outputSize,
    );
    const {mask_head: head, mask_predictor: predictor} = this;
    return [
      {side: boxSide ?? 0, run: pooled => void this.box_predictor.forward(this.box_head.forward(pooled))},
      ...(head && predictor && maskSide
        ? [
            {
              side: maskSide,
              run: (pooled: tf.Tensor4D) => void predictor.all(head.forward(pooled) as tf.Tensor4D),
            },
          ]
        : []),
    ];
  }

  /**
   * What is in each image: {@link RoiHeads.detect}.
   */
  forward(
    maps: readonly tf.Tensor4D[],
    proposals: readonly tf.Tensor2D[],
    sizes: readonly PixelSize[],
  ): NetworkDetections[] {
    return this.detect(maps, proposals, sizes);
  }

  /**
   * @param maps - `[N, H, W, C]` float32 of each level.
   * @param proposals - `[K, 4]` float32 for each image.
   * @param sizes - Height and width of each image within the input.
   * @returns `category`, `box` and, of a network with masks, `mask`.
   */
  losses(
    maps: readonly tf.Tensor4D[],
    proposals: readonly tf.Tensor2D[],
    targets: readonly Target[],
    sizes: readonly PixelSize[],
  ): Record<string, tf.Scalar> {
    return tf.tidy(() => {
      const samples = sampleRois(proposals, targets, {sampler: this.sampler, ...this.options});
      const {boxes, images, labels} = samples;
      const predictions = this.box_predictor.forward(
        this.box_head.forward(this.#boxPooling.pool(maps, boxes, images)),
      );
      const losses: Record<string, tf.Scalar> = fastRcnnLoss(predictions, samples, this.options.weights);
      if (!this.mask_head) return losses;
      const count = labels.size;
      if (count === 0) return {...losses, mask: tf.scalar(0)};
      const logits = this.#masks(maps, tf.slice(boxes, 0, count), tf.slice(images, 0, count), labels);
      return {...losses, mask: maskLoss(logits, samples, targets, sizes)};
    });
  }

  /**
   * @param maps - `[N, H, W, C]` float32 of each level.
   * @param proposals - `[K, 4]` float32 for each image.
   * @param sizes - Height and width of each image within the input.
   */
  detect(
    maps: readonly tf.Tensor4D[],
    proposals: readonly tf.Tensor2D[],
    sizes: readonly PixelSize[],
  ): NetworkDetections[] {
    return tf.tidy(() => {
      const predictions = this.#predict(maps, proposals);
      let start = 0;
      const found = proposals.map((boxes, image) => {
        const [logits, offsets] = [predictions.logits, predictions.offsets].map(
          rows => tf.slice(rows, start, boxes.shape[0]) as tf.Tensor2D,
        );
        start += boxes.shape[0];
        return boxDetections({logits, offsets}, boxes, sizes[image], this.options);
      });
      return this.mask_head ? this.#withMasks(maps, found) : found;
    });
  }

  /** A part of the boxes at a time: what is pooled for all of them would be most of the memory of a prediction. */
  #predict(maps: readonly tf.Tensor4D[], proposals: readonly tf.Tensor2D[]): BoxPredictions {
    return tf.tidy(() => {
      const boxes = tf.concat([...proposals]) as tf.Tensor2D;
      const images = tf.concat(imageNumbers(proposals)) as tf.Tensor1D;
      const parts: BoxPredictions[] = [];
      let start = 0;
      do {
        const count = Math.min(boxesAtOnce, boxes.shape[0] - start);
        const [some, own] = [tf.slice(boxes, start, count), tf.slice(images, start, count)];
        parts.push(
          tf.tidy(() =>
            this.box_predictor.forward(this.box_head.forward(this.#boxPooling.pool(maps, some, own))),
          ),
        );
        start += count;
      } while (start < boxes.shape[0]);
      return {
        logits: tf.concat(parts.map(({logits}) => logits)),
        offsets: tf.concat(parts.map(({offsets}) => offsets)),
      };
    });
  }

  #withMasks(maps: readonly tf.Tensor4D[], found: NetworkDetections[]): NetworkDetections[] {
    const images = tf.concat(imageNumbers(found.map(({boxes}) => boxes)));
    const boxes = tf.concat(found.map(({boxes}) => boxes));
    const labels = tf.concat(found.map(({labels}) => labels));
    const masks = tf.sigmoid(this.#masks(maps, boxes, images, labels));
    let start = 0;
    return found.map(detections => {
      const part = tf.slice(masks, start, detections.boxes.shape[0]);
      start += detections.boxes.shape[0];
      return {...detections, masks: part};
    });
  }

  /** `[K, M, M]` logits of each box's category. */
  #masks(
    maps: readonly tf.Tensor4D[],
    boxes: tf.Tensor2D,
    images: tf.Tensor1D,
    labels: tf.Tensor1D,
  ): tf.Tensor3D {
    return tf.tidy(() => {
      const pooled = this.#maskPooling!.pool(maps, boxes, images);
      return this.mask_predictor!.forward(this.mask_head!.forward(pooled) as tf.Tensor4D, labels);
    });
  }
}
