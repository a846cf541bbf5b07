// RoI pooling: Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, section 2.1.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

export const RoiPool = 'RoiPool';
export const RoiPoolGrad = 'RoiPoolGrad';
export type RoiPoolAttrs = RoiPoolOptions;
export type RoiPoolGradAttrs = {shape: [number, number, number, number]};

export interface RoiPoolOptions {
  /** Output bins per box, `[height, width]`. */
  outputSize: [number, number];
  /** Feature pixels per image pixel, e.g. `1 / 16`. */
  spatialScale: number;
}

/**
 * The largest value in each bin of a fixed grid over each box. Corners are rounded to whole feature pixels and both
 * belong to the box, as in the paper's code and torchvision's `roi_pool`; `roiAlign` does not round.
 *
 * Differentiable in `features`: the gradient goes to the pixel that was largest, the first of equals. Boxes are
 * constants. A bin without pixels, outside the map, is 0; so is every bin of a box with NaN or infinity. On CUDA the
 * backward pass adds with atomics, so its last bits differ from run to run.
 *
 * @param features - `[N, H, W, C]` float32.
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]` in image pixels.
 * @param boxIndices - `[K]` int32 in `[0, N)`: the image each box belongs to.
 * @returns `[K, outputSize[0], outputSize[1], C]` float32; `K = 0` is allowed.
 * @throws TypeError if a shape is wrong; RangeError if an option is, or a box index on `cpu`, `wasm` and `torch:cpu`.
 */
export function roiPool(
  features: tf.Tensor4D,
  boxes: tf.Tensor2D,
  boxIndices: tf.Tensor1D,
  {outputSize, spatialScale}: RoiPoolOptions,
): tf.Tensor4D {
  checkShapes(
    'roiPool',
    {features: [features, 'N H W C'], boxes: [boxes, 'K 4'], boxIndices: [boxIndices, 'K', 'int32']},
    'Pass the image number of each box as boxIndices, not as a fifth column of boxes.',
  );
  if (!outputSize.every(bins => Number.isInteger(bins) && bins >= 1)) {
    throw new RangeError(`roiPool: outputSize must be [height, width] of 1 or more, got [${outputSize}].`);
  }
  const attrs = {outputSize, spatialScale} satisfies RoiPoolAttrs;

  // A GradConfig would keep the features until the backward pass, which wants no more than where the largest were.
  const pool = tf.customGrad((x, save) => {
    const inputs = {features: x as tf.Tensor, boxes, boxIndices};
    const [value, largest] = tf.engine().runKernel<tf.Tensor[]>(RoiPool, inputs, attrs);
    (save as tf.GradSaveFunc)([largest, boxIndices]);
    const gradFunc = (dy: tf.Tensor, [largest, boxIndices]: tf.Tensor[]) =>
      tf.engine().runKernel<tf.Tensor>(RoiPoolGrad, {dy, largest, boxIndices}, {shape: features.shape});
    return {value, gradFunc};
  });
  return pool(features) as tf.Tensor4D;
}
