// Redmon et al., "You Only Look Once", CVPR 2016, arXiv:1506.02640; YOLO9000, CVPR 2017, arXiv:1612.08242; YOLOv3, 2018,
// arXiv:1804.02767; and what others built of the same layers.
import {Module, type Random} from '@foveal/core';
import {Darknet, type DarknetCfg, type HeadLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {
  DetectionBatch,
  DetectionNetwork,
  ImageTransform,
  NetworkDetections,
  PixelSize,
  Placement,
  Target,
} from '../detectionNetwork.js';
import {decodeRegion} from './decodeRegion.js';
import {decodeYolo} from './decodeYolo.js';
import {type PickOptions, pickDetections} from './pickDetections.js';
import {regionLoss} from './regionLoss.js';
import {startHeads} from './startHeads.js';
import {wholeImage} from './wholeImage.js';
import {type YoloLosses, yoloLoss} from './yoloLoss.js';
import type {YoloPredictions} from './yoloPredictions.js';
import {decodeYoloV1, yoloV1Loss} from './yoloV1.js';

export interface YoloSettings {
  /** How images become the input. @defaultValue {@link wholeImage} of the size in `[net]` */
  imageTransform?: ImageTransform;
  /** Boxes with this score or less are left out. @defaultValue 0.005, for precision–recall curves */
  scoreThreshold?: number;
  /** Overlap above which the worse of two boxes goes. @defaultValue 0.45 */
  nmsThreshold?: number;
  /** Whether boxes suppress those of their category, or all; see {@link PickOptions}. @defaultValue 'category' */
  suppress?: PickOptions['suppress'];
  /** Detections an image at the most. @defaultValue 100 */
  limit?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
  /** Weight of a new batch in the running statistics of batch norm. @defaultValue 0.01, darknet's */
  momentum?: number;
}

/**
 * A detector of one look: the network of a darknet `.cfg` with its `[yolo]`, `[region]` or `[detection]` layers.
 *
 * @throws CfgError if the file has no such layer, or layers do not fit together.
 */
export class Yolo extends Module implements DetectionNetwork {
  readonly network: Darknet;
  readonly imageTransform: ImageTransform;
  readonly learnsMasks = false;
  readonly scoreThreshold: number;
  readonly nmsThreshold: number;
  readonly suppress: PickOptions['suppress'];
  readonly limit: number;

  constructor(
    cfg: DarknetCfg,
    {
      imageTransform = wholeImage([cfg.net.height, cfg.net.width]),
      scoreThreshold = 0.005,
      nmsThreshold = 0.45,
      suppress = 'category',
      limit = 100,
      ...options
    }: YoloSettings = {},
  ) {
    super();
    this.network = new Darknet(cfg, options);
    if (this.network.heads.length === 0) {
      throw new TypeError(
        `Yolo: ${cfg.file} has no [yolo], [region] or [detection] layer, so it detects nothing. Take it as a backbone.`,
      );
    }
    startHeads(this.network, options.random);
    this.imageTransform = imageTransform;
    this.scoreThreshold = scoreThreshold;
    this.nmsThreshold = nmsThreshold;
    this.suppress = suppress;
    this.limit = limit;
  }

  /**
   * @param images - `[N, H, W, 3]` float32 in [0, 1].
   * @returns The boxes of all heads, in the order of the file.
   */
  forward(images: tf.Tensor4D): YoloPredictions {
    return tf.tidy(() => {
      const input: PixelSize = [images.shape[1], images.shape[2]];
      const raw = this.network.forward(images);
      const parts = this.network.heads.map(({layer}, h) => decode(raw[h], layer, input));
      if (parts.length === 1) return parts[0];
      return {
        boxes: tf.concat(
          parts.map(({boxes}) => boxes),
          1,
        ),
        scores: tf.concat(
          parts.map(({scores}) => scores),
          1,
        ),
      };
    });
  }

  losses({images, targets}: DetectionBatch): Record<string, tf.Scalar> {
    return tf.tidy(() => {
      const input: PixelSize = [images.shape[1], images.shape[2]];
      const raw = this.network.forward(images);
      const parts = this.network.heads.map(({layer}, h) => loss(raw[h], targets, layer, input));
      const sum = (name: keyof YoloLosses) => tf.addN(parts.map(part => part[name])) as tf.Scalar;
      return {box: sum('box'), object: sum('object'), category: sum('category')};
    });
  }

  detect(images: tf.Tensor4D, placements: readonly Placement[]): NetworkDetections[] {
    const {boxes, scores} = tf.tidy(() => this.forward(images));
    try {
      return placements.map((_, i) =>
        tf.tidy(() => {
          const one = (x: tf.Tensor3D) => tf.squeeze(tf.slice(x, [i, 0, 0], [1, -1, -1]), [0]) as tf.Tensor2D;
          return pickDetections(one(boxes), one(scores), this);
        }),
      );
    } finally {
      tf.dispose([boxes, scores]);
    }
  }
}

function decode(raw: tf.Tensor4D, layer: HeadLayer, input: PixelSize): YoloPredictions {
  if (layer.type === 'yolo') return decodeYolo(raw, layer, input);
  return layer.type === 'region' ? decodeRegion(raw, layer, input) : decodeYoloV1(raw, layer, input);
}

function loss(raw: tf.Tensor4D, targets: readonly Target[], layer: HeadLayer, input: PixelSize): YoloLosses {
  if (layer.type === 'yolo') return yoloLoss(raw, targets, layer, input);
  return layer.type === 'region'
    ? regionLoss(raw, targets, layer, input)
    : yoloV1Loss(raw, targets, layer, input);
}
