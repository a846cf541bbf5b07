// Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285, chapter 4: both
// gradients of a convolution are convolutions themselves. tfjs has kernels for neither when it is dilated.
import * as tf from '@tensorflow/tfjs-core';
import type {ConvolutionAttrs} from '../../ops/conv2d.js';
import {convolve} from './convolution.js';

type Shape4D = [number, number, number, number];

/**
 * The gradient in the input: `dy`, its pixels moved a stride apart, convolved with the reversed filter.
 *
 * @param dy - `[N, H', W', K]`.
 * @param filter - `[kh, kw, C, K]`, or `[kh, kw, 1, K]` with `groups` equal to K.
 * @returns `[N, H, W, C]`, or `[N, H, W, K]`.
 */
export function inputGradByConvolution(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4D,
  {strides, padding, dilations, groups}: ConvolutionAttrs,
): tf.Tensor4D {
  const spaced = spread(dy, strides);
  const margin = (axis: 0 | 1): [number, number] => {
    const reach = (filter.shape[axis] - 1) * dilations[axis];
    const before = reach - padding[2 * axis];
    return [before, inputShape[axis + 1] + reach - before - spaced.shape[axis + 1]];
  };
  const [top, bottom] = margin(0);
  const [left, right] = margin(1);
  const reversed = tf.reverse(filter, [0, 1]);
  const turned = groups === 1 ? tf.transpose(reversed, [0, 1, 3, 2]) : reversed;
  // Padding wider than the filter reaches makes a margin negative: those pixels of dy lie on zeros only.
  return convolve(crop(spaced, [-top, -bottom, -left, -right]), turned, {
    strides: [1, 1],
    padding: [Math.max(top, 0), Math.max(bottom, 0), Math.max(left, 0), Math.max(right, 0)],
    dilations,
    groups,
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
  const after = (zeros: number): [number, number][] => [
    [0, 0],
    [0, zeros],
    [0, 0],
  ];
  const columns = tf.pad(tf.reshape(dy, [batch * height * width, 1, channels]), after(across - 1));
  const rows = tf.reshape(columns, [batch * height, 1, width * across * channels]);
  return tf.reshape(tf.pad(rows, after(down - 1)), [batch, height * down, width * across, channels]);
}

function crop(x: tf.Tensor4D, edges: Shape4D): tf.Tensor4D {
  const [top, bottom, left, right] = edges.map(edge => Math.max(edge, 0));
  if (top + bottom + left + right === 0) return x;
  const [batch, height, width, channels] = x.shape;
  return tf.slice(x, [0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
}
