// Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017, arXiv:1612.03144, section 3 and figure 3.
import {Conv2d, defaultRandom, init, type Layer, Module, type Random, Sequential} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {zeroBias} from './zeroBias.js';

export interface FeaturePyramidOptions {
  /** Depth of every map that comes out. @defaultValue 256 */
  channels?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * Maps of one depth at every scale, each with the meaning of the coarsest: a 1×1 convolution brings each map to the
 * same depth, the coarser result, enlarged, is added, and a 3×3 convolution smooths the sum. Names are torchvision's:
 * `inner_blocks.0.0.weight`, `layer_blocks.0.0.weight`.
 */
export class FeaturePyramid extends Module {
  readonly inner_blocks: Sequential[];
  readonly layer_blocks: Sequential[];
  readonly channels: number;

  /** @param inputs - Depth of each map, from the finest to the coarsest. */
  constructor(
    inputs: readonly number[],
    {channels = 256, random = defaultRandom()}: FeaturePyramidOptions = {},
  ) {
    super();
    const block = (from: number, kernelSize: number) => {
      const padding = (kernelSize - 1) / 2;
      const convolution = new Conv2d(from, channels, {kernelSize, padding, init: filters, random});
      return new Sequential(zeroBias(convolution) as Layer);
    };
    this.inner_blocks = inputs.map(depth => block(depth, 1));
    this.layer_blocks = inputs.map(() => block(channels, 3));
    this.channels = channels;
  }

  /**
   * @param maps - `[N, H, W, inputs[i]]` float32, from the finest to the coarsest.
   * @returns `[N, H, W, channels]` for each.
   * @throws TypeError if there is another number of maps.
   */
  forward(maps: readonly tf.Tensor4D[]): tf.Tensor4D[] {
    const {inner_blocks, layer_blocks} = this;
    if (maps.length !== inner_blocks.length) {
      throw new TypeError(
        `FeaturePyramid: expected ${inner_blocks.length} maps, got ${maps.length}. Give one for each depth it was built with.`,
      );
    }
    return tf.tidy(() => {
      const pyramid: tf.Tensor4D[] = [];
      let above: tf.Tensor4D | undefined;
      for (let i = maps.length - 1; i >= 0; i--) {
        const lateral = inner_blocks[i].forward(maps[i]) as tf.Tensor4D;
        above = above ? (sum(lateral, enlarged(above, lateral)) as tf.Tensor4D) : lateral;
        pyramid.unshift(layer_blocks[i].forward(above) as tf.Tensor4D);
      }
      return pyramid;
    });
  }
}

// torchvision's start: uniform within ± √(3 / fanIn).
const filters = init.kaimingUniform({gain: 1});

/** Keeps nothing for the gradient, where tf.add keeps both maps to know their shapes. */
const sum = tf.customGrad((...args) => {
  const [a, b] = args as [tf.Tensor, tf.Tensor];
  return {value: tf.add(a, b) as tf.Tensor, gradFunc: dy => [dy, dy]};
});

/** The nearest pixel of the coarser map. */
const enlarged = (x: tf.Tensor4D, {shape: [, height, width]}: tf.Tensor4D) =>
  tf.image.resizeNearestNeighbor(x, [height, width]);
