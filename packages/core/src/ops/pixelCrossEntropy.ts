// The loss of dense prediction: Long et al., "Fully Convolutional Networks", CVPR 2015, arXiv:1411.4038, section 4.3.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';
import {type Reduction, softmaxCrossEntropy} from './softmaxCrossEntropy.js';

export interface PixelCrossEntropyOptions<R extends Reduction = Reduction> {
  /** `[C]` float32, how much each class counts. @defaultValue all 1 */
  weights?: tf.Tensor1D | undefined;
  /** The label of pixels that do not count. @defaultValue 255, as in Pascal VOC */
  ignoreIndex?: number;
  /** The part of the target, in [0, 1], that is spread evenly over all classes. @defaultValue 0 */
  labelSmoothing?: number;
  /** `mean` divides by the summed weights of the pixels that count. @defaultValue 'mean' */
  reduction?: R;
}

/**
 * {@link softmaxCrossEntropy} of each pixel. Differentiable in `logits`. The mean is NaN where no pixel counts.
 *
 * @param logits - `[N, H, W, C]` float32, unnormalised.
 * @param labels - `[N, H, W]` int32 in `[0, C)`, or `ignoreIndex`.
 * @returns A scalar, or `[N, H, W]` with `reduction: 'none'`; float32.
 * @throws TypeError if a shape or dtype is wrong; RangeError as {@link softmaxCrossEntropy}.
 */
export function pixelCrossEntropy<R extends Reduction = 'mean'>(
  logits: tf.Tensor4D,
  labels: tf.Tensor3D,
  {weights, ignoreIndex = 255, labelSmoothing = 0, reduction}: PixelCrossEntropyOptions<R> = {},
): R extends 'none' ? tf.Tensor3D : tf.Scalar {
  const {C} = checkShapes(
    'pixelCrossEntropy',
    {logits: [logits, 'N H W C'], labels: [labels, 'N H W', 'int32']},
    'Resize the logits to the size of the labels, never the labels.',
  );
  return tf.tidy(() => {
    const [rows, flat] = [
      tf.reshape(logits, [-1, C]) as tf.Tensor2D,
      tf.reshape(labels, [-1]) as tf.Tensor1D,
    ];
    const loss = softmaxCrossEntropy(rows, flat, {
      weights,
      ignoreIndex,
      labelSmoothing,
      ...(reduction && {reduction: reduction as Reduction}),
    });
    return reduction === 'none' ? tf.reshape(loss, labels.shape) : loss;
  }) as R extends 'none' ? tf.Tensor3D : tf.Scalar;
}
