// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, section 2.1.
import {roiPool} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';
import type {RoiPooling} from './roiHeads.js';

export interface RoiMaxPoolingOptions {
  /** Pixels of the input per pixel of the map. */
  stride: number;
  /** Cells along each side of what comes out. */
  outputSize: number;
}

/** The maximum of each cell of a box on one map: RoIPool as a part of a detector. */
export class RoiMaxPooling implements RoiPooling {
  readonly options: RoiMaxPoolingOptions;

  constructor(options: RoiMaxPoolingOptions) {
    this.options = options;
  }

  /**
   * Differentiable in the map.
   *
   * @param maps - One, `[N, H, W, C]` float32.
   * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]` in pixels of the input.
   * @param images - `[K]` int32: the image of each box.
   * @returns `[K, outputSize, outputSize, C]` float32.
   */
  pool(maps: readonly tf.Tensor4D[], boxes: tf.Tensor2D, images: tf.Tensor1D): tf.Tensor4D {
    const {stride, outputSize} = this.options;
    return roiPool(maps[0], boxes, images, {
      outputSize: [outputSize, outputSize],
      spatialScale: 1 / stride,
    });
  }
}
