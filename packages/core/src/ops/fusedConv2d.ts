// Batch norm behind a convolution as a scale and a shift: Jacob et al., CVPR 2018, arXiv:1712.05877, section 3.2.
import * as tf from '@tensorflow/tfjs-core';
import {batchNorm} from './batchNorm.js';
import {type Conv2dOptions, type ConvolutionAttrs, conv2d, convolutionAttrs} from './conv2d.js';

export const FusedConvolution = 'FusedConvolution';
export type FusedConvolutionAttrs = ConvolutionAttrs &
  Required<Pick<FusedConv2dOptions, 'activation' | 'slope'>> & {epsilon: number};
export type FusedConvolutionInputs = {
  x: tf.Tensor4D;
  filter: tf.Tensor4D;
  bias?: tf.Tensor1D;
  gamma?: tf.Tensor1D;
  beta?: tf.Tensor1D;
  mean?: tf.Tensor1D;
  variance?: tf.Tensor1D;
  residual?: tf.Tensor4D;
};

/** What may follow a convolution in the same pass; `leaky` has a slope to choose. */
export type FusedActivation = keyof typeof activations;

const activations = {
  linear: (y: tf.Tensor) => y,
  relu: (y: tf.Tensor) => tf.relu(y),
  leaky: (y: tf.Tensor, slope: number) => tf.leakyRelu(y, slope),
  relu6: (y: tf.Tensor) => tf.relu6(y),
  sigmoid: (y: tf.Tensor) => tf.sigmoid(y),
  swish: (y: tf.Tensor) => tf.mul(y, tf.sigmoid(y)),
  mish: (y: tf.Tensor) => tf.mul(y, tf.tanh(tf.softplus(y))),
  tanh: (y: tf.Tensor) => tf.tanh(y),
  elu: (y: tf.Tensor) => tf.elu(y),
};

/** Batch norm by statistics that are given, each `[K]` float32. */
export interface ConvolutionNorm {
  /** The scale. */
  gamma: tf.Tensor1D;
  /** The shift. */
  beta: tf.Tensor1D;
  mean: tf.Tensor1D;
  /** 0 or more. */
  variance: tf.Tensor1D;
  /** Added to the variance before the root. */
  epsilon: number;
}

export interface FusedConv2dOptions extends Conv2dOptions {
  /** `[K]` float32. */
  bias?: tf.Tensor1D | null;
  /** Normalises the result of the convolution and its bias. */
  norm?: ConvolutionNorm | null;
  /** `[N, H', W', K]` float32, added before the activation. */
  residual?: tf.Tensor4D | null;
  /** @defaultValue 'linear' */
  activation?: FusedActivation;
  /** Of `leaky`. @defaultValue 0.1 */
  slope?: number;
}

/**
 * `activation(norm(conv2d(x, filter, bias)) + residual)` in one pass over memory where the engine can, which small
 * networks are several times faster by. Differentiable in everything: while a gradient is recorded, the parts run one
 * by one.
 *
 * @param x - `[N, H, W, C]` float32.
 * @param filter - `[kh, kw, C / groups, K]` float32.
 * @returns `[N, H', W', K]` float32; sizes as {@link conv2d}.
 * @throws TypeError if a shape is wrong; RangeError if an option is, or if the output would be empty.
 */
export function fusedConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: FusedConv2dOptions = {},
): tf.Tensor4D {
  const {bias, norm, residual, activation = 'linear', slope = 0.1} = options;
  const {strides, padding, dilations, groups} = convolutionAttrs('fusedConv2d', x, filter, bias, options);
  const epsilon = norm?.epsilon ?? 0;
  const attrs: FusedConvolutionAttrs = {strides, padding, dilations, groups, activation, slope, epsilon};
  // One by one: a small network spends more on spreading objects than on computing.
  const inputs: FusedConvolutionInputs = {x, filter};
  if (bias) inputs.bias = bias;
  if (norm) {
    inputs.gamma = norm.gamma;
    inputs.beta = norm.beta;
    inputs.mean = norm.mean;
    inputs.variance = norm.variance;
  }
  if (residual) inputs.residual = residual;
  if (tf.engine().isTapeOn()) return partByPart(inputs, attrs);
  return tf.engine().runKernel(FusedConvolution, inputs, attrs);
}

/** The same by ops of their own. */
export function partByPart(
  {x, filter, bias, gamma, beta, mean, variance, residual}: FusedConvolutionInputs,
  {strides, padding, dilations, groups, epsilon, activation, slope}: FusedConvolutionAttrs,
): tf.Tensor4D {
  return tf.tidy(() => {
    const relu = activation === 'relu' && !residual;
    let y = conv2d(x, filter, bias, {stride: strides, padding, dilation: dilations, groups});
    const normed = gamma && beta && mean && variance;
    if (normed) y = batchNorm(y, gamma, beta, mean, variance, {epsilon, relu});
    if (residual) y = tf.add(y, residual);
    return normed && relu ? y : (activations[activation](y, slope) as tf.Tensor4D);
  });
}
