import type {Module, Rle} from '@foveal/core';
import type {Image} from '@foveal/data';
import type * as tf from '@tensorflow/tfjs-core';
import type {Batch} from '../task.js';

/** Height and width in pixels. */
export type PixelSize = readonly [height: number, width: number];

/** Where an image lies in the input of a network: a point of the image times `scale` plus `offset`, `[y, x]` each. */
export interface Placement {
  /** Size of the image itself. */
  size: PixelSize;
  scale: readonly [y: number, x: number];
  offset: readonly [y: number, x: number];
}

/** The objects of one image, as a network learns them. K may be 0: the image is then a negative. */
export interface Target {
  /** `[K, 4]` float32, `[x1, y1, x2, y2]` in pixels of the network's input. */
  boxes: tf.Tensor2D;
  /** `[K]` int32 in `[0, categories)`; a background class is the network's own affair. */
  labels: tf.Tensor1D;
  /** `[K, H, W]` float32, 0 or 1, of the size of the network's input: for networks that learn masks. */
  masks?: tf.Tensor3D;
}

/** Images of one input size with their objects. */
export interface DetectionBatch extends Batch {
  placements: readonly Placement[];
  targets: readonly Target[];
}

/** What a network found in one image. The caller owns the tensors. */
export type NetworkDetections = {
  /** `[K, 4]` float32 in pixels of the network's input. */
  boxes: tf.Tensor2D;
  /** `[K]` float32 in [0, 1], the highest first. */
  scores: tf.Tensor1D;
  /** `[K]` int32 in `[0, categories)`. */
  labels: tf.Tensor1D;
  /** `[K, M, M]` float32 in [0, 1]: the chance of each cell of the box to belong to the object. */
  masks?: tf.Tensor3D;
};

/** How images of any size become the input of a network. */
export interface ImageTransform {
  /** `[N, H, W, 3]` float32 as the network takes it, and where each image lies in it. */
  toInput(images: readonly Image[]): {images: tf.Tensor4D; placements: Placement[]};
}

/** A network that finds objects: the detectors of this folder, and any other that a user writes. */
export interface DetectionNetwork extends Module {
  readonly imageTransform: ImageTransform;
  /** Whether `losses` wants `Target.masks`. */
  readonly learnsMasks: boolean;
  /** Named scalar losses, already weighted: training minimises their sum. What is random follows `reseed`. */
  losses(batch: DetectionBatch): Record<string, tf.Scalar>;
  /** What is in each image, thresholds and non-maximum suppression applied. */
  detect(images: tf.Tensor4D, placements: readonly Placement[]): NetworkDetections[];
}

/** Objects found in one image, in pixels of the image; the highest score first. */
export interface Detections {
  /** `[K · 4]`, `[x1, y1, x2, y2]` a box. */
  boxes: Float32Array;
  /** `[K]` in [0, 1]. */
  scores: Float32Array;
  /** `[K]`: indices into the task's categories. */
  labels: Int32Array;
  /** `[K]` masks of the size of the image. */
  masks?: readonly Rle[];
}
