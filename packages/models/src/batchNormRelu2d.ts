import {BatchNorm2d, type ConvolutionEnd, FrozenBatchNorm2d} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';

/** Batch norm and the ReLU after it in one pass, where a sequence has a place for each. */
export class BatchNormRelu2d extends BatchNorm2d {
  /** @param x - `[N, H, W, channels]` float32. @returns The same shape, 0 or more. */
  override forward(x: tf.Tensor4D): tf.Tensor4D {
    return super.forward(x, {relu: true});
  }

  override convolutionEnd(): ConvolutionEnd | null {
    const end = super.convolutionEnd();
    return end && {...end, activation: 'relu'};
  }
}

/** {@link BatchNormRelu2d} with constants. */
export class FrozenBatchNormRelu2d extends FrozenBatchNorm2d {
  /** @param x - `[N, H, W, channels]` float32. @returns The same shape, 0 or more. */
  override forward(x: tf.Tensor4D): tf.Tensor4D {
    return super.forward(x, {relu: true});
  }

  override convolutionEnd(): ConvolutionEnd {
    return {...super.convolutionEnd(), activation: 'relu'};
  }
}
