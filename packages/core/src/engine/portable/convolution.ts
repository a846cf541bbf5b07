import * as tf from '@tensorflow/tfjs-core';
import type {ConvolutionAttrs} from '../../ops/conv2d.js';
import {Convolution} from '../../ops/conv2d.js';
import {byGroup} from './groups.js';
import {portableKernel} from './portableKernel.js';

type Inputs = {x: tf.Tensor4D; filter: tf.Tensor4D; bias?: tf.Tensor1D};

export const convolution = portableKernel<Inputs, ConvolutionAttrs>(Convolution, ({x, filter, bias}, attrs) =>
  tf.tidy(() => {
    const y = convolve(x, filter, attrs);
    return bias ? tf.add(y, bias) : y;
  }),
);

/** The convolution of tfjs's own kernels, with explicit padding and with groups. */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, attrs: ConvolutionAttrs): tf.Tensor4D {
  const {groups} = attrs;
  if (groups === 1) return tf.engine().runKernel(tf.Conv2D, {x, filter}, tfjsAttrs(attrs));
  if (groups === x.shape[3]) {
    const [height, width, , outputs] = filter.shape;
    const {strides, dilations} = attrs;
    if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) {
      // tfjs's depthwise kernels refuse both at once.
      const dense = convolve(x, filter, {...attrs, strides: [1, 1]});
      return tf.stridedSlice(dense, [0, 0, 0, 0], dense.shape, [1, ...strides, 1]) as tf.Tensor4D;
    }
    const perChannel = tf.reshape(filter, [height, width, groups, outputs / groups]);
    return tf.engine().runKernel(tf.DepthwiseConv2dNative, {x, filter: perChannel}, tfjsAttrs(attrs));
  }
  const one = {...attrs, groups: 1};
  return byGroup(groups, [x, filter], ([x, filter]) => tf.engine().runKernel(Convolution, {x, filter}, one));
}

/** The same attributes in tfjs's words. Its kernels take strides and dilations together; only tf.conv2d does not. */
export function tfjsAttrs({strides, padding: [top, bottom, left, right], dilations}: ConvolutionAttrs) {
  const pad = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return {strides, pad, dilations, dataFormat: 'NHWC'};
}

/** Surrounds images with zeros. */
export function padImage(
  x: tf.Tensor4D,
  [top, bottom, left, right]: ConvolutionAttrs['padding'],
): tf.Tensor4D {
  if (top + bottom + left + right === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
}
