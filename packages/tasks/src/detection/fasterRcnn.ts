// Ren et al., "Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks", NIPS 2015,
// arXiv:1506.01497; on a pyramid: Lin et al., CVPR 2017, arXiv:1612.03144.
import {Module} from '@foveal/core';
import {type Backbone, resNet50} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {checkTargets} from './checkTargets.js';
import type {
  DetectionBatch,
  DetectionNetwork,
  ImageTransform,
  NetworkDetections,
  PixelSize,
  Placement,
} from './detectionNetwork.js';
import {publishedRcnnName} from './publishedRcnnName.js';
import {type RcnnBackbone, type RcnnOptions, rcnnParts} from './rcnnParts.js';
import type {RegionProposalNetwork} from './regionProposalNetwork.js';
import type {RoiHeads} from './roiHeads.js';

export interface RcnnParts {
  backbone: RcnnBackbone;
  rpn: RegionProposalNetwork;
  roiHeads: RoiHeads;
  imageTransform: ImageTransform;
  categories: number;
}

/**
 * Proposes boxes, then names and moves each. Parameter names are torchvision's: `backbone.body.conv1.weight`,
 * `rpn.head.cls_logits.weight`, `roi_heads.box_predictor.cls_score.weight`.
 */
export class FasterRcnn extends Module implements DetectionNetwork {
  readonly backbone: RcnnBackbone;
  readonly rpn: RegionProposalNetwork;
  readonly roi_heads: RoiHeads;
  readonly imageTransform: ImageTransform;
  readonly categories: number;

  constructor({backbone, rpn, roiHeads, imageTransform, categories}: RcnnParts) {
    super();
    this.backbone = backbone;
    this.rpn = rpn;
    this.roi_heads = roiHeads;
    this.imageTransform = imageTransform;
    this.categories = categories;
  }

  get learnsMasks(): boolean {
    return this.roi_heads.mask_head !== null;
  }

  /** The same as {@link FasterRcnn.detect}. */
  forward(images: tf.Tensor4D, placements: readonly Placement[]): NetworkDetections[] {
    return this.detect(images, placements);
  }

  /**
   * @returns `objectness` and `proposal` of the proposals, `category` and `box` of what became of them, and `mask` of a
   * network that learns masks.
   * @throws RangeError if a box or label cannot be learned, TypeError if masks are missing.
   */
  losses(batch: DetectionBatch): Record<string, tf.Scalar> {
    const {images, placements, targets} = batch;
    checkTargets(this.constructor.name, batch, this.categories, this.learnsMasks);
    return tf.tidy(() => {
      const {maps, scores, proposals} = this.#propose(images, placements);
      return {
        ...this.rpn.losses(
          scores,
          targets.map(({boxes}) => boxes),
        ),
        ...this.roi_heads.losses(maps, proposals, targets, placements.map(sizeWithin)),
      };
    });
  }

  detect(images: tf.Tensor4D, placements: readonly Placement[]): NetworkDetections[] {
    return tf.tidy(() => {
      const {maps, scores, proposals} = this.#propose(images, placements);
      tf.dispose([scores.anchors, scores.objectness, scores.offsets]);
      return this.roi_heads.detect(maps, proposals, placements.map(sizeWithin));
    });
  }

  /** Takes the names of files published by torchvision, older ones too. */
  weightsName(name: string): string | null {
    return publishedRcnnName(name);
  }

  #propose(images: tf.Tensor4D, placements: readonly Placement[]) {
    const maps = this.backbone.forward(images);
    const scores = this.rpn.forward(maps, [images.shape[1], images.shape[2]]);
    return {maps, scores, proposals: this.rpn.propose(scores, placements.map(sizeWithin))};
  }
}

/** Height and width of an image within the input, where boxes are cut. */
const sizeWithin = ({size, scale, offset}: Placement): PixelSize => [
  Math.round(offset[0] + size[0] * scale[0]),
  Math.round(offset[1] + size[1] * scale[1]),
];

/**
 * A Faster R-CNN on any backbone with feature maps. It takes the backbone over, and frees its classifier.
 *
 * @example fasterRcnn(squeezeNet1_1(), {categories: 3})
 */
export function fasterRcnn(backbone: Backbone, options: RcnnOptions): FasterRcnn {
  return new FasterRcnn(rcnnParts(backbone, {...options, masks: false}));
}

/** torchvision's `fasterrcnn_resnet50_fpn`: 41,755,286 parameters with COCO's 90 categories. */
export function fasterRcnnResNet50Fpn(options: Partial<RcnnOptions> = {}): FasterRcnn {
  return fasterRcnn(resNet50({...(options.random && {random: options.random}), numClasses: 1}), {
    categories: 90,
    ...options,
  });
}
