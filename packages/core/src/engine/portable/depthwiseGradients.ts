import * as tf from '@tensorflow/tfjs-core';
import type {ConvolutionAttrs} from '../../ops/conv2d.js';
import {padImage} from './convolution.js';
import {inputGradByConvolution} from './convolutionArithmetic.js';

type Shape4D = [number, number, number, number];

// C channels with M filters each: output k belongs to channel floor(k / M).

/** Convolves each output's gradient by itself, and adds those of one channel. */
export function depthwiseInputGrad(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4D,
  attrs: ConvolutionAttrs,
): tf.Tensor4D {
  const outputs = filter.shape[3];
  const apart = inputGradByConvolution(dy, filter, inputShape, {...attrs, groups: outputs});
  if (outputs === attrs.groups) return apart;
  return tf.sum(tf.reshape(apart, [...inputShape, outputs / attrs.groups]), 4);
}

/** Tap by tap: the pixels that one tap of the filter sees, times `dy`, summed. */
export function depthwiseFilterGrad(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  [height, width, , outputs]: Shape4D,
  {strides, padding, dilations, groups}: ConvolutionAttrs,
): tf.Tensor4D {
  const [batch, rows, columns] = dy.shape;
  const padded = padImage(x, padding);
  const upstream = tf.reshape(dy, [batch * rows * columns, groups, outputs / groups]);
  const taps: tf.Tensor[] = [];
  for (let tap = 0; tap < height * width; tap++) {
    const [down, across] = [Math.floor(tap / width) * dilations[0], (tap % width) * dilations[1]];
    const end = [batch, down + (rows - 1) * strides[0] + 1, across + (columns - 1) * strides[1] + 1, groups];
    const seen = tf.stridedSlice(padded, [0, down, across, 0], end, [1, ...strides, 1]);
    taps.push(tf.sum(tf.mul(tf.reshape(seen, [batch * rows * columns, groups, 1]), upstream), 0));
  }
  return tf.reshape(tf.stack(taps), [height, width, 1, outputs]);
}
