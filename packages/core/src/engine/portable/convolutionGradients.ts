// Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285, chapter 4: both
// gradients of a convolution are convolutions themselves. tfjs has kernels for neither when it is dilated.
import * as tf from '@tensorflow/tfjs-core';
import {
  type ConvolutionAttrs,
  ConvolutionFilterGrad,
  type ConvolutionFilterGradAttrs,
  ConvolutionInputGrad,
  type ConvolutionInputGradAttrs,
} from '../../ops/conv2d.js';
import {convolve, tfjsAttrs} from './convolution.js';
import {byGroup} from './groups.js';
import {portableKernel} from './portableKernel.js';

type Shape4D = [number, number, number, number];
type InputGradInputs = {dy: tf.Tensor4D; filter: tf.Tensor4D};
type FilterGradInputs = {x: tf.Tensor4D; dy: tf.Tensor4D};

export const convolutionInputGrad = portableKernel<InputGradInputs, ConvolutionInputGradAttrs>(
  ConvolutionInputGrad,
  ({dy, filter}, attrs) => tf.tidy(() => inputGrad(dy, filter, attrs.inputShape, attrs)),
);

export const convolutionFilterGrad = portableKernel<FilterGradInputs, ConvolutionFilterGradAttrs>(
  ConvolutionFilterGrad,
  ({x, dy}, attrs) => tf.tidy(() => filterGrad(x, dy, attrs.filterShape, attrs)),
);

function inputGrad(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4D,
  attrs: ConvolutionAttrs,
): tf.Tensor4D {
  if (attrs.groups > 1) {
    const [batch, height, width, channels] = inputShape;
    const shape: Shape4D = [batch, height, width, channels / attrs.groups];
    return byGroup(attrs.groups, [dy, filter], ([dy, filter]) =>
      inputGrad(dy, filter, shape, {...attrs, groups: 1}),
    );
  }
  if (undilated(attrs) && hasKernel(tf.Conv2DBackpropInput)) {
    return tf.engine().runKernel(tf.Conv2DBackpropInput, {dy, filter}, {...tfjsAttrs(attrs), inputShape});
  }
  return inputGradByConvolution(dy, filter, inputShape, attrs);
}

function filterGrad(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: Shape4D,
  attrs: ConvolutionAttrs,
): tf.Tensor4D {
  if (attrs.groups > 1) {
    const [height, width, channels, outputs] = filterShape;
    const shape: Shape4D = [height, width, channels, outputs / attrs.groups];
    return byGroup(attrs.groups, [x, dy], ([x, dy]) => filterGrad(x, dy, shape, {...attrs, groups: 1}));
  }
  if (undilated(attrs) && hasKernel(tf.Conv2DBackpropFilter)) {
    return tf.engine().runKernel(tf.Conv2DBackpropFilter, {x, dy}, {...tfjsAttrs(attrs), filterShape});
  }
  return filterGradByConvolution(x, dy, filterShape, attrs);
}

/**
 * The gradient in the input: `dy`, its pixels moved a stride apart, convolved with the reversed, transposed filter.
 *
 * @param dy - `[N, H', W', K]`.
 * @param filter - `[kh, kw, C, K]`.
 * @returns `[N, H, W, C]`.
 */
export function inputGradByConvolution(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4D,
  {strides, padding, dilations}: ConvolutionAttrs,
): tf.Tensor4D {
  const spaced = spread(dy, strides);
  const margin = (axis: 0 | 1): [number, number] => {
    const reach = (filter.shape[axis] - 1) * dilations[axis];
    const before = reach - padding[2 * axis];
    return [before, inputShape[axis + 1] + reach - before - spaced.shape[axis + 1]];
  };
  const [top, bottom] = margin(0);
  const [left, right] = margin(1);
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  // Padding wider than the filter reaches makes a margin negative: those pixels of dy lie on zeros only.
  return convolve(crop(spaced, [-top, -bottom, -left, -right]), turned, {
    strides: [1, 1],
    padding: [Math.max(top, 0), Math.max(bottom, 0), Math.max(left, 0), Math.max(right, 0)],
    dilations,
    groups: 1,
  });
}

/**
 * The gradient in the filter: images and channels change places, `dy` is the filter, strides and dilations swap.
 *
 * @param x - `[N, H, W, C]`.
 * @param dy - `[N, H', W', K]`.
 * @returns `[kh, kw, C, K]`.
 */
export function filterGradByConvolution(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: Shape4D,
  {strides, padding, dilations}: ConvolutionAttrs,
): tf.Tensor4D {
  const images = tf.transpose(x, [3, 1, 2, 0]);
  const filters = tf.transpose(dy, [1, 2, 0, 3]);
  const taps = convolve(images, filters, {strides: dilations, padding, dilations: strides, groups: 1});
  const [height, width, channels, outputs] = filterShape;
  // A stride that did not fit leaves rows over, and they read as further taps.
  const kept = tf.slice(taps, [0, 0, 0, 0], [channels, height, width, outputs]);
  return tf.transpose(kept, [1, 2, 0, 3]);
}

/** Follows each pixel by `stride − 1` zeros, along both axes. */
function spread(dy: tf.Tensor4D, [down, across]: [number, number]): tf.Tensor4D {
  if (down === 1 && across === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const columns = tf.pad(tf.reshape(dy, [batch * height * width, 1, channels]), [
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const rows = tf.reshape(columns, [batch * height, 1, width * across * channels]);
  const spaced = tf.pad(rows, [
    [0, 0],
    [0, down - 1],
    [0, 0],
  ]);
  return tf.reshape(spaced, [batch, height * down, width * across, channels]);
}

function crop(x: tf.Tensor4D, [top, bottom, left, right]: Shape4D): tf.Tensor4D {
  const [t, b, l, r] = [top, bottom, left, right].map(edge => Math.max(edge, 0));
  if (t + b + l + r === 0) return x;
  const [batch, height, width, channels] = x.shape;
  return tf.slice(x, [0, t, l, 0], [batch, height - t - b, width - l - r, channels]);
}

const undilated = ({dilations}: ConvolutionAttrs) => dilations[0] === 1 && dilations[1] === 1;
const hasKernel = (name: string) => tf.getKernel(name, tf.getBackend()) != null;
