import type {Module} from '@foveal/core';
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core';

/** A place in a backbone where a head for detection or segmentation can take features. */
export interface FeatureMap {
  /** Path of the module whose output it is, such as `layer3`. */
  layer: string;
  /** Depth of the output. */
  channels: number;
  /** Pixels of the image per pixel of the output. */
  stride: number;
}

/** A network that turns images into class scores, and whose inner layers are worth something to other tasks. */
export interface Backbone extends Module {
  /** From the finest to the coarsest. */
  readonly featureMaps: readonly FeatureMap[];
  /** Images with smaller sides do not reach the coarsest map, in pixels. @defaultValue the stride of that map */
  readonly smallestSide?: number;
  /** @param image - `[N, H, W, C]` float32, preprocessed. @returns `[N, numClasses]` logits. */
  forward(image: Tensor4D): Tensor2D;
  /**
   * The name here of a tensor that published weights file under `name`, or null if there is no use for it here. Without
   * this method, names are taken as they are.
   */
  weightsName?(name: string): string | null;
}

/** A backbone with further classifiers on inner layers, which help to train it and are left out afterwards. */
export interface AuxiliaryBackbone extends Backbone {
  /** What the loss of each auxiliary classifier counts beside that of the logits. */
  readonly auxiliaryWeights: readonly number[];
  /**
   * @param image - `[N, H, W, C]` float32, preprocessed.
   * @returns `[N, numClasses]` logits, then those of the auxiliary classifiers: none in evaluation, or if the network
   * was built without them.
   */
  forwardAll(image: Tensor4D): Tensor2D[];
}
