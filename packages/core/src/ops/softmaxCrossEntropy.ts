// Label smoothing: Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, arXiv:1512.00567, section 7.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

export const SoftmaxCrossEntropy = 'SoftmaxCrossEntropy';
export const SoftmaxCrossEntropyGrad = 'SoftmaxCrossEntropyGrad';

/** `mean` divides by the summed weights of the labels that count, as PyTorch does; `none` gives one loss a row. */
export type Reduction = 'mean' | 'sum' | 'none';
export type SoftmaxCrossEntropyAttrs = {ignoreIndex: number; labelSmoothing: number; reduction: Reduction};

export interface SoftmaxCrossEntropyOptions<R extends Reduction = Reduction> {
  /** `[C]` float32, how much each class counts. @defaultValue all 1 */
  weights?: tf.Tensor1D | undefined;
  /** The label of rows that do not count, e.g. 255 for the borders of Pascal VOC. @defaultValue -100 */
  ignoreIndex?: number;
  /** The part of the target, in [0, 1], that is spread evenly over all classes. @defaultValue 0 */
  labelSmoothing?: number;
  /** @defaultValue 'mean' */
  reduction?: R;
}

/**
 * The negative log-likelihood of each label under the softmax of its row.
 *
 * Differentiable in `logits`. The mean over rows that are all ignored is NaN, as in PyTorch.
 *
 * @param logits - `[M, C]` float32, unnormalised. Reshape `[N, H, W, C]` maps to rows of pixels first.
 * @param labels - `[M]` int32 in `[0, C)`, or `ignoreIndex`.
 * @returns A scalar, or `[M]` with `reduction: 'none'`; float32.
 * @throws TypeError if a shape or dtype is wrong; RangeError if an option is, or, on the `cpu` and `wasm` engines,
 * if a label is (a GPU would have to be waited for).
 */
export function softmaxCrossEntropy<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: SoftmaxCrossEntropyOptions<R> = {},
): R extends 'none' ? tf.Tensor1D : tf.Scalar {
  const {weights, ignoreIndex = -100, labelSmoothing = 0, reduction = 'mean'} = options;
  checkShapes(
    'softmaxCrossEntropy',
    {
      logits: [logits, 'M C'],
      labels: [labels, 'M', 'int32'],
      ...(weights && {weights: [weights, 'C'] as const}),
    },
    'Labels are class numbers, not one-hot rows.',
  );
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`softmaxCrossEntropy: labelSmoothing must be in [0, 1], got ${labelSmoothing}.`);
  }
  const attrs: SoftmaxCrossEntropyAttrs = {ignoreIndex, labelSmoothing, reduction};
  const optional: tf.NamedTensorMap = weights ? {weights} : {};

  // A GradConfig cannot save an input that may be missing, so the gradient stands here.
  const loss = tf.customGrad((x, save) => {
    const inputs = {logits: x as tf.Tensor, labels, ...optional};
    const [value, totalWeight] = tf.engine().runKernel<tf.Tensor[]>(SoftmaxCrossEntropy, inputs, attrs);
    (save as tf.GradSaveFunc)([x as tf.Tensor, labels, totalWeight, ...Object.values(optional)]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [logits, labels, totalWeight, weights] = saved;
      const inputs = {dy, logits, labels, totalWeight, ...(weights && {weights})};
      return tf.engine().runKernel<tf.Tensor>(SoftmaxCrossEntropyGrad, inputs, attrs);
    };
    return {value, gradFunc};
  });
  return loss(logits) as R extends 'none' ? tf.Tensor1D : tf.Scalar;
}
