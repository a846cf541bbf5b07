import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

export const CropResize = 'CropResize';
export const CropResizeGrad = 'CropResizeGrad';
export type CropResizeAttrs = Required<CropAndResizeOptions> & {shape: [number, number, number, number]};

export interface CropAndResizeOptions {
  /** Of every crop in pixels, `[height, width]`. */
  size: [number, number];
  /** @defaultValue 'bilinear' */
  method?: 'bilinear' | 'nearest';
  /** What a crop shows beyond the image. @defaultValue 0 */
  extrapolationValue?: number;
}

/**
 * Warps each box to one size. Samples are laid as by `tf.image.cropAndResize`: the outermost ones in the centres of the
 * box's outermost pixels, the others evenly between. So the box of a whole image at its own size gives the image. One
 * sample along an axis is the middle of the box.
 *
 * `tf.image.cropAndResize` does the same with boxes `[y1 / (H − 1), x1 / (W − 1), (y2 − 1) / (H − 1), (x2 − 1) / (W − 1)]`,
 * but has no gradient. Here it is differentiable in `image`; boxes are constants. On CUDA the backward pass adds with
 * atomics, so its last bits differ from run to run.
 *
 * @param image - `[N, H, W, C]` float32.
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]` in pixels. Corners that are exchanged mirror the crop; NaN gives
 * `extrapolationValue`.
 * @param boxIndices - `[K]` int32 in `[0, N)`: the image each box belongs to.
 * @returns `[K, size[0], size[1], C]` float32; `K = 0` is allowed.
 * @throws TypeError if a shape is wrong; RangeError if the size is, or a box index on `cpu`, `wasm` and `torch:cpu`.
 */
export function cropAndResize(
  image: tf.Tensor4D,
  boxes: tf.Tensor2D,
  boxIndices: tf.Tensor1D,
  {size, method = 'bilinear', extrapolationValue = 0}: CropAndResizeOptions,
): tf.Tensor4D {
  checkShapes(
    'cropAndResize',
    {image: [image, 'N H W C'], boxes: [boxes, 'K 4'], boxIndices: [boxIndices, 'K', 'int32']},
    'Pass the image number of each box as boxIndices, not as a fifth column of boxes.',
  );
  if (!size.every(side => Number.isInteger(side) && side >= 1)) {
    throw new RangeError(`cropAndResize: size must be [height, width] of 1 or more, got [${size}].`);
  }
  const attrs = {size, method, extrapolationValue, shape: image.shape} satisfies CropResizeAttrs;
  return tf.engine().runKernel(CropResize, {image, boxes, boxIndices}, attrs);
}

export const cropResizeGradient: tf.GradConfig = {
  kernelName: CropResize,
  inputsToSave: ['boxes', 'boxIndices'],
  gradFunc(dy, [boxes, boxIndices], attrs) {
    const inputs = {dy: dy as tf.Tensor, boxes, boxIndices};
    return {
      image: () => tf.engine().runKernel(CropResizeGrad, inputs, attrs),
      boxes: () => tf.zeros(boxes.shape), // tfjs throws if an input on the tape is left out
      boxIndices: () => tf.zeros(boxIndices.shape),
    };
  },
};
