// Soft-NMS: Bodla et al., ICCV 2017, arXiv:1704.04503, equations 2 (linear) and 3 (Gaussian), figure 2.
import * as tf from '@tensorflow/tfjs-core';
import {untaped} from '../nn/untaped.js';
import {checkShapes} from '../shapes.js';

export const SoftNms = 'SoftNms';
export type SoftNmsAttrs = Required<SoftNmsOptions>;

export interface SoftNmsOptions {
  /** How the overlap with a better box lowers a score. @defaultValue 'gaussian' */
  method?: 'linear' | 'gaussian';
  /** Of `exp(−iou² / sigma)`, for `gaussian`. @defaultValue 0.5 */
  sigma?: number;
  /** From where on `linear` multiplies by `1 − iou`. @defaultValue 0.3 */
  iouThreshold?: number;
  /** Boxes whose score falls below are dropped. @defaultValue 0.001 */
  scoreThreshold?: number;
}

/**
 * Non-maximum suppression that lowers the scores of overlapping boxes instead of dropping them: the best box is taken,
 * the scores of the others fall, and so on until none is left.
 *
 * Equal scores keep their order. A box with NaN among its coordinates, or without area, lowers nobody; a score that is
 * NaN is dropped. Both results are constants to the gradient. Waits for the device: how many there are is part of the
 * shape. Its time grows with K².
 *
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param scores - `[K]` float32, 0 or more.
 * @returns `indices`, `[M]` int32 in `[0, K)`, and `scores`, `[M]` float32, lowered and falling.
 * @throws TypeError if a shape is wrong; RangeError if an option is.
 */
export function softNms(
  boxes: tf.Tensor2D,
  scores: tf.Tensor1D,
  {method = 'gaussian', sigma = 0.5, iouThreshold = 0.3, scoreThreshold = 0.001}: SoftNmsOptions = {},
): {indices: tf.Tensor1D; scores: tf.Tensor1D} {
  checkShapes('softNms', {boxes: [boxes, 'K 4'], scores: [scores, 'K']});
  if (!(sigma > 0 && iouThreshold >= 0 && iouThreshold <= 1 && Number.isFinite(scoreThreshold))) {
    throw new RangeError(
      'softNms: sigma must be above 0, iouThreshold in [0, 1] and scoreThreshold a number, ' +
        `got ${sigma}, ${iouThreshold} and ${scoreThreshold}.`,
    );
  }
  const attrs = {method, sigma, iouThreshold, scoreThreshold} satisfies SoftNmsAttrs;
  const [indices, lowered] = untaped(() =>
    tf.engine().runKernel<tf.Tensor1D[]>(SoftNms, {boxes, scores}, attrs),
  );
  return {indices, scores: lowered};
}
