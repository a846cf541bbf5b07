// Upsampling by a transposed convolution: Zeiler et al., "Deconvolutional Networks", CVPR 2010; as a layer that is
// learned: Long et al., "Fully Convolutional Networks", CVPR 2015, arXiv:1411.4038, section 3.3.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';
import {Convolution, type ConvolutionAttrs, ConvolutionFilterGrad} from './conv2d.js';

export const ConvolutionTranspose = 'ConvolutionTranspose';
/** Those of the convolution that this one is the input gradient of, and the shape that comes out. */
export type ConvolutionTransposeAttrs = ConvolutionAttrs & {outputShape: [number, number, number, number]};

export interface ConvTranspose2dOptions {
  /** By how much the image grows, one number or `[height, width]`. @defaultValue 1 */
  stride?: number | readonly [number, number];
  /** Pixels cut off each side: one number, `[height, width]` or `[top, bottom, left, right]`. @defaultValue 0 */
  padding?: number | readonly [number, number] | readonly [number, number, number, number];
  /** Rows and columns more at the bottom and right, fewer than the stride. @defaultValue 0 */
  outputPadding?: number | readonly [number, number];
  /** Distance between the taps of the filter, one number or `[height, width]`. @defaultValue 1 */
  dilation?: number | readonly [number, number];
  /** Parts that the channels are split into, each with filters of its own. @defaultValue 1 */
  groups?: number;
}

/**
 * Lays a filter, weighted by each pixel, over a larger image and adds up: the input gradient of {@link conv2d}.
 *
 * The output is `(H − 1)·stride − top − bottom + dilation·(kh − 1) + outputPadding + 1` high, and likewise wide.
 * Differentiable in `x`, `filter` and `bias`; not twice.
 *
 * @param x - `[N, H, W, C]` float32.
 * @param filter - `[kh, kw, K / groups, C]` float32: the filter of the convolution from K channels to C.
 * @param bias - `[K]` float32, or none.
 * @returns `[N, H', W', K]` float32.
 * @throws TypeError if a shape is wrong; RangeError if an option is, or if the output would be empty.
 */
export function convTranspose2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias?: tf.Tensor1D | null,
  {stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1}: ConvTranspose2dOptions = {},
): tf.Tensor4D {
  const {C, ...sizes} = checkShapes(
    'convTranspose2d',
    {x: [x, 'N H W C'], filter: [filter, 'kh kw K/groups C']},
    'Images are NHWC; PyTorch’s IOHW filters turn by tf.transpose(filter, [2, 3, 1, 0]).',
  );
  const [strides, dilations, more] = [pair(stride), pair(dilation), pair(outputPadding)];
  const cut = sides(padding);
  checkOptions({stride: [strides, 1], padding: [cut, 0], dilation: [dilations, 1], groups: [[groups], 1]});
  checkOptions({outputPadding: [more, 0]});
  if (more.some((extra, axis) => extra >= strides[axis])) {
    throw new RangeError(
      `convTranspose2d: outputPadding must be smaller than the stride, got [${more}] with stride [${strides}].`,
    );
  }
  if (C % groups) {
    throw new TypeError(`convTranspose2d: groups must divide the ${C} channels of x, got ${groups}.`);
  }

  const channels = sizes['K/groups'] * groups;
  if (bias) {
    const claim = {bias: [bias, `${channels}`]} as const;
    checkShapes('convTranspose2d', claim, 'It has one value for each of the K channels that come out.');
  }
  const [height, width] = ([0, 1] as const).map(axis => {
    const [size, kernel] = axis ? [sizes['W'], sizes['kw']] : [sizes['H'], sizes['kh']];
    const spread = (size - 1) * strides[axis] + dilations[axis] * (kernel - 1) + more[axis] + 1;
    return spread - cut[2 * axis] - cut[2 * axis + 1];
  });
  if (height < 1 || width < 1) {
    throw new RangeError(
      `convTranspose2d: the output would be empty: ${height} × ${width}. Take a larger image or less padding.`,
    );
  }
  const outputShape: [number, number, number, number] = [sizes['N'], height, width, channels];
  const attrs: ConvolutionTransposeAttrs = {strides, padding: cut, dilations, groups, outputShape};
  const inputs: tf.NamedTensorMap = bias ? {x, filter, bias} : {x, filter};
  return tf.engine().runKernel(ConvolutionTranspose, inputs, attrs);
}

export const convolutionTransposeGradient: tf.GradConfig = {
  kernelName: ConvolutionTranspose,
  inputsToSave: ['x', 'filter'],
  gradFunc(dy, [x, filter], attrs) {
    const upstream = dy as tf.Tensor;
    const shape = {...attrs, filterShape: filter.shape};
    return {
      x: () => tf.engine().runKernel(Convolution, {x: upstream, filter}, attrs),
      // The roles are exchanged: what comes out here is what the convolution sees.
      filter: () => tf.engine().runKernel(ConvolutionFilterGrad, {x: upstream, dy: x}, shape),
      bias: () => tf.sum(upstream, [0, 1, 2]),
    };
  },
};

const pair = (value: number | readonly [number, number]): [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]];

const sides = (value: NonNullable<ConvTranspose2dOptions['padding']>): [number, number, number, number] => {
  if (typeof value === 'number') return [value, value, value, value];
  const [top, bottom, left, right] = value.length === 2 ? [value[0], value[0], value[1], value[1]] : value;
  return [top, bottom, left, right];
};

function checkOptions(
  options: Readonly<Record<string, readonly [values: readonly number[], least: number]>>,
) {
  for (const [name, [values, least]] of Object.entries(options)) {
    if (values.every(value => Number.isInteger(value) && value >= least)) continue;
    throw new RangeError(
      `convTranspose2d: ${name} must be integers of ${least} or more, got ${values.join(', ')}.`,
    );
  }
}
