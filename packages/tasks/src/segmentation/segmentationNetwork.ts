import type {Module} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';

/** A network that gives every pixel a class: those of this folder, and any other that a user writes. */
export interface SegmentationNetwork extends Module {
  /** What the loss of each auxiliary head counts beside that of the logits; none for most networks. */
  readonly auxiliaryWeights?: readonly number[];
  /** Pixels around an image that the network makes up; where large images are cut, tiles share as many on each side. */
  readonly margin?: number;
  /**
   * Images of any size: where the layers want a multiple of something, the network pads and cuts itself.
   *
   * @param images - `[N, H, W, 3]` float32, preprocessed.
   * @returns `[N, H, W, numClasses]` logits, of the size of the images.
   */
  forward(images: tf.Tensor4D): tf.Tensor4D;
  /** The logits, then those of the auxiliary heads, all of the size of the images; none of these in evaluation. */
  forwardAll?(images: tf.Tensor4D): tf.Tensor4D[];
  /**
   * Named scalar losses of its own, for a network that does not learn from all pixels at once.
   *
   * @param labels - `[N, H, W]` int32; −1 where a pixel does not count.
   */
  losses?(images: tf.Tensor4D, labels: tf.Tensor3D): Record<string, tf.Scalar>;
  /** As `Backbone.weightsName`. */
  weightsName?(name: string): string | null;
}
