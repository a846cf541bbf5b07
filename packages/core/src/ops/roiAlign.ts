// RoIAlign: He et al., "Mask R-CNN", ICCV 2017, arXiv:1703.06870, section 3.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

export const RoiAlign = 'RoiAlign';
export const RoiAlignGrad = 'RoiAlignGrad';
export type RoiAlignAttrs = Required<RoiAlignOptions>;
export type RoiAlignGradAttrs = RoiAlignAttrs & {shape: [number, number, number, number]};

export interface RoiAlignOptions {
  /** Output bins per box, `[height, width]`. */
  outputSize: [number, number];
  /** Feature pixels per image pixel, e.g. `1 / 16`. */
  spatialScale: number;
  /** Samples along each side of a bin; 0 takes one per feature pixel. @defaultValue 0 */
  samplingRatio?: number;
  /** Pixel centres at +0.5; `false` for torchvision's detection checkpoints. @defaultValue true */
  aligned?: boolean;
}

/**
 * Average-pools each box into a fixed grid by bilinear sampling, without rounding coordinates.
 *
 * Differentiable in `features`. Boxes get a zero gradient, as in Faster R-CNN (arXiv:1506.01497, section 3.2).
 * On CUDA the backward pass adds with atomics, so its last bits differ from run to run.
 *
 * @param features - `[N, H, W, C]` float32.
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]` in image pixels.
 * @param boxIndices - `[K]` int32 in `[0, N)`: the image each box belongs to.
 * @returns `[K, outputSize[0], outputSize[1], C]` float32; `K = 0` is allowed.
 * @throws TypeError if a shape is wrong; RangeError if an option is, or a box index on `cpu` and `wasm`.
 */
export function roiAlign(
  features: tf.Tensor4D,
  boxes: tf.Tensor2D,
  boxIndices: tf.Tensor1D,
  {outputSize, spatialScale, samplingRatio = 0, aligned = true}: RoiAlignOptions,
): tf.Tensor4D {
  checkShapes(
    'roiAlign',
    {features: [features, 'N H W C'], boxes: [boxes, 'K 4'], boxIndices: [boxIndices, 'K', 'int32']},
    'Pass the image number of each box as boxIndices, not as a fifth column of boxes.',
  );
  if (!outputSize.every(bins => Number.isInteger(bins) && bins >= 1)) {
    throw new RangeError(`roiAlign: outputSize must be [height, width] of 1 or more, got [${outputSize}].`);
  }
  const attrs = {outputSize, spatialScale, samplingRatio, aligned} satisfies RoiAlignAttrs;
  return tf.engine().runKernel(RoiAlign, {features, boxes, boxIndices}, attrs);
}

export const roiAlignGradient: tf.GradConfig = {
  kernelName: RoiAlign,
  inputsToSave: ['features', 'boxes', 'boxIndices'],
  gradFunc(dy, [features, boxes, boxIndices], attrs) {
    const inputs = {dy: dy as tf.Tensor, boxes, boxIndices};
    return {
      features: () => tf.engine().runKernel(RoiAlignGrad, inputs, {...attrs, shape: features.shape}),
      boxes: () => tf.zeros(boxes.shape), // tfjs throws if an input on the tape is left out
      boxIndices: () => tf.zeros(boxIndices.shape),
    };
  },
};
