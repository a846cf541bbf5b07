// The dilated form: Yu & Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions", ICLR 2016,
// arXiv:1511.07122, equation 2. Groups: Krizhevsky et al., NIPS 2012, section 3.5.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes, type ShapeClaim} from '../shapes.js';

export const Convolution = 'Convolution';
export const ConvolutionInputGrad = 'ConvolutionInputGrad';
export const ConvolutionFilterGrad = 'ConvolutionFilterGrad';

/** What all three kernels take. */
export type ConvolutionAttrs = {
  /** `[height, width]`. */
  strides: [number, number];
  /** Rows and columns of zeros, `[top, bottom, left, right]`. */
  padding: [number, number, number, number];
  /** `[height, width]`. */
  dilations: [number, number];
  groups: number;
};
export type ConvolutionInputGradAttrs = ConvolutionAttrs & {inputShape: [number, number, number, number]};
export type ConvolutionFilterGradAttrs = ConvolutionAttrs & {filterShape: [number, number, number, number]};

export interface Conv2dOptions {
  /** Steps of the window, one number or `[height, width]`. @defaultValue 1 */
  stride?: number | readonly [number, number];
  /** Zeros around the image: one number, `[height, width]` or `[top, bottom, left, right]`. @defaultValue 0 */
  padding?: number | readonly [number, number] | readonly [number, number, number, number];
  /** Distance between the taps of the filter, one number or `[height, width]`. @defaultValue 1 */
  dilation?: number | readonly [number, number];
  /** Parts that the channels are split into, each with filters of its own. @defaultValue 1 */
  groups?: number;
}

/**
 * Slides filters over images (a cross-correlation, as in every framework).
 *
 * The output is `floor((H + top + bottom − dilation·(kh − 1) − 1) / stride) + 1` high, and likewise wide: where
 * the stride does not fit, the last rows and columns are left out, as PyTorch does.
 * Differentiable in `x`, `filter` and `bias`; not twice.
 *
 * @param x - `[N, H, W, C]` float32.
 * @param filter - `[kh, kw, C / groups, K]` float32.
 * @param bias - `[K]` float32, or none.
 * @returns `[N, H', W', K]` float32.
 * @throws TypeError if a shape is wrong; RangeError if an option is, or if the output would be empty.
 */
export function conv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias?: tf.Tensor1D | null,
  options: Conv2dOptions = {},
): tf.Tensor4D {
  const attrs = convolutionAttrs('conv2d', x, filter, bias, options);
  const inputs: tf.NamedTensorMap = bias ? {x, filter, bias} : {x, filter};
  return tf.engine().runKernel(Convolution, inputs, attrs);
}

/**
 * What the kernels take of the options of a convolution.
 *
 * @param name - Of the function that is called, for its errors.
 * @throws as {@link conv2d}.
 */
export function convolutionAttrs(
  name: string,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D | null | undefined,
  {stride = 1, padding = 0, dilation = 1, groups = 1}: Conv2dOptions,
): ConvolutionAttrs {
  const claims: Record<string, ShapeClaim> = {x: [x, 'N H W C'], filter: [filter, 'kh kw C/groups K']};
  if (bias) claims['bias'] = [bias, 'K'];
  const sizes = checkShapes(
    name,
    claims,
    'Images are NHWC and filters HWIO; PyTorch’s OIHW turns by tf.transpose(filter, [2, 3, 1, 0]).',
  );
  const attrs: ConvolutionAttrs = {
    strides: pair(stride),
    padding: sides(padding),
    dilations: pair(dilation),
    groups,
  };
  checkOptions(name, sizes, attrs);
  return attrs;
}

export const convolutionGradient: tf.GradConfig = {
  kernelName: Convolution,
  inputsToSave: ['x', 'filter'],
  gradFunc(dy, [x, filter], attrs) {
    const upstream = dy as tf.Tensor;
    return {
      x: () =>
        tf.engine().runKernel(ConvolutionInputGrad, {dy: upstream, filter}, {...attrs, inputShape: x.shape}),
      filter: () =>
        tf
          .engine()
          .runKernel(ConvolutionFilterGrad, {x, dy: upstream}, {...attrs, filterShape: filter.shape}),
      bias: () => tf.sum(upstream, [0, 1, 2]),
    };
  },
};

/**
 * The height or width that a convolution or pooling gives.
 *
 * @param size - Of the input, in pixels.
 * @param kernel - Taps of the filter along this axis.
 */
export function outputSize(size: number, kernel: number, padding: number, stride = 1, dilation = 1): number {
  return Math.floor((size + padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

const pair = (value: number | readonly [number, number]): [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]];

const sides = (value: NonNullable<Conv2dOptions['padding']>): [number, number, number, number] => {
  if (typeof value === 'number') return [value, value, value, value];
  const [top, bottom, left, right] = value.length === 2 ? [value[0], value[0], value[1], value[1]] : value;
  return [top, bottom, left, right];
};

function checkOptions(
  op: string,
  sizes: Record<string, number>,
  {strides, padding, dilations, groups}: ConvolutionAttrs,
) {
  checkIntegers(op, 'stride', strides, 1);
  checkIntegers(op, 'padding', padding, 0);
  checkIntegers(op, 'dilation', dilations, 1);
  checkIntegers(op, 'groups', [groups], 1);
  const {C, K, 'C/groups': channels} = sizes;
  if (channels * groups !== C || K % groups) {
    throw new TypeError(
      `${op}: filter must have shape [kh, kw, C / groups, K] with K a multiple of groups; C is ${C} and groups ` +
        `${groups}, got [${sizes['kh']}, ${sizes['kw']}, ${channels}, ${K}].`,
    );
  }

  for (const axis of [0, 1]) {
    const [size, kernel] = axis === 0 ? [sizes['H'], sizes['kh']] : [sizes['W'], sizes['kw']];
    const [before, after] = [padding[2 * axis], padding[2 * axis + 1]];
    const [step, dilation] = [strides[axis], dilations[axis]];
    const out = outputSize(size, kernel, before + after, step, dilation);
    if (out < 1) {
      throw new RangeError(
        `${op}: the output would be empty: ${axis === 0 ? 'height' : 'width'} ` +
          `floor((${size} + ${before} + ${after} − ${dilation}·(${kernel} − 1) − 1) / ${step}) + 1 = ${out}. ` +
          'Pad the image, or take a smaller filter or dilation.',
      );
    }
  }
}

function checkIntegers(op: string, name: string, values: readonly number[], least: number): void {
  if (values.every(value => Number.isInteger(value) && value >= least)) return;
  throw new RangeError(`${op}: ${name} must be integers of ${least} or more, got ${values.join(', ')}.`);
}
