import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {activated, type FusedActivation} from './activation.js';
import {type ConvolutionInfo, convolutionInfo, depthwiseInfo, geometry} from './convolutionGeometry.js';
import {type KernelTable, kernel} from './kernelTable.js';

type T = tf.TensorInfo;
type Info = ConvolutionInfo;

export const convolution: KernelTable = {
  [tf.Conv2D]: kernel<tf.Conv2DInputs, tf.Conv2DAttrs>(({x, filter}, attrs) => {
    const info = convolutionInfo(x.shape, filter.shape, attrs);
    return toFormat(convolve(toNhwc(x, info), filter, null, info), info);
  }),
  [tf.Conv2DBackpropInput]: kernel<tf.Conv2DBackpropInputInputs, tf.Conv2DBackpropInputAttrs>(
    ({dy, filter}, attrs) => {
      const info = convolutionInfo(attrs.inputShape, filter.shape, attrs);
      return toFormat(inputGrad(toNhwc(dy, info), filter, info), info);
    },
  ),
  [tf.Conv2DBackpropFilter]: kernel<tf.Conv2DBackpropFilterInputs, tf.Conv2DBackpropFilterAttrs>(
    ({x, dy}, attrs) => {
      const info = convolutionInfo(x.shape, attrs.filterShape, attrs);
      return filterGrad(toNhwc(x, info), toNhwc(dy, info), attrs.filterShape, info);
    },
  ),
  [tf.FusedConv2D]: kernel<tf.FusedConv2DInputs, tf.FusedConv2DAttrs & FusedActivation>(
    ({x, filter, bias, preluActivationWeights}, attrs) => {
      const info = convolutionInfo(x.shape, filter.shape, attrs);
      const y = biased(toNhwc(x, info), filter, bias, info);
      return toFormat(activated(y, attrs, alongChannels(preluActivationWeights, info)), info);
    },
  ),

  [tf.DepthwiseConv2dNative]: kernel<tf.DepthwiseConv2dNativeInputs, tf.DepthwiseConv2dNativeAttrs>(
    ({x, filter}, attrs) => {
      const info = depthwiseInfo(x.shape, filter.shape, attrs);
      return toFormat(convolve(toNhwc(x, info), perGroup(filter), null, info), info);
    },
  ),
  [tf.DepthwiseConv2dNativeBackpropInput]: kernel<
    tf.DepthwiseConv2dNativeBackpropInputInputs,
    tf.DepthwiseConv2dNativeBackpropInputAttrs
  >(({dy, filter}, attrs) => {
    const info = depthwiseInfo(attrs.inputShape, filter.shape, attrs);
    return inputGrad(dy, perGroup(filter), info);
  }),
  [tf.DepthwiseConv2dNativeBackpropFilter]: kernel<
    tf.DepthwiseConv2dNativeBackpropFilterInputs,
    tf.DepthwiseConv2dNativeBackpropFilterAttrs
  >(({x, dy}, attrs) => {
    const info = depthwiseInfo(x.shape, attrs.filterShape, attrs);
    const [height, width, channels, multiplier] = attrs.filterShape;
    const grad = filterGrad(x, dy, [height, width, 1, channels * multiplier], info);
    return run('aten::reshape', grad, attrs.filterShape);
  }),
  [tf.FusedDepthwiseConv2D]: kernel<
    tf.FusedDepthwiseConv2DInputs,
    tf.FusedDepthwiseConv2DAttrs & FusedActivation
  >(({x, filter, bias, preluActivationWeights}, attrs) => {
    const info = depthwiseInfo(x.shape, filter.shape, attrs);
    const y = biased(toNhwc(x, info), perGroup(filter), bias, info);
    return toFormat(activated(y, attrs, alongChannels(preluActivationWeights, info)), info);
  }),
};

const convolve = (x: T, filter: T, bias: T | null, info: Info) =>
  run('foveal::conv2d', x, filter, bias, ...geometry(info, filter.shape[2]));

const inputGrad = (dy: T, filter: T, info: Info) => {
  const {batchSize, inHeight, inWidth, inChannels} = info;
  const shape = [batchSize, inHeight, inWidth, inChannels];
  return run('foveal::conv2d_input_grad', cut(dy, info), filter, shape, ...geometry(info, filter.shape[2]));
};

/** tf.conv2dTranspose takes an output shape too small for its image, and leaves the rest of the image unread. */
const cut = (dy: T, {outHeight, outWidth}: Info) => {
  const rows = dy.shape[1] > outHeight ? run('aten::narrow', dy, 1, 0, outHeight) : dy;
  return dy.shape[2] > outWidth ? run('aten::narrow', rows, 2, 0, outWidth) : rows;
};

const filterGrad = (x: T, dy: T, shape: readonly number[], info: Info) =>
  run('foveal::conv2d_filter_grad', x, dy, shape, ...geometry(info, shape[2]));

/** A bias of any other shape than `[K]` is added afterwards. */
function biased(x: T, filter: T, bias: T | undefined, info: Info): T {
  const own = bias?.shape.length === 1 && bias.shape[0] === info.outChannels;
  const y = convolve(x, filter, own ? bias : null, info);
  return bias && !own ? run('aten::add.Tensor', y, alongChannels(bias, info) as T) : y;
}

/** tfjs's depthwise filter `[h, w, C, M]` as that of a convolution in C groups, `[h, w, 1, C·M]`. */
const perGroup = (filter: T) => {
  const [height, width, channels, multiplier] = filter.shape;
  return run('aten::reshape', filter, [height, width, 1, channels * multiplier]);
};

// NCHW turns by a permutation of the strides alone.
const toNhwc = (x: T, {dataFormat}: Info) =>
  dataFormat === 'channelsFirst' ? run('aten::permute', x, [0, 2, 3, 1]) : x;
const toFormat = (x: T, {dataFormat}: Info) =>
  dataFormat === 'channelsFirst' ? run('aten::permute', x, [0, 3, 1, 2]) : x;

/** What broadcasts over an NCHW image (`[C, H, W]` or `[C, 1, 1]`), turned to broadcast over an NHWC one. */
const alongChannels = (x: T | undefined, {dataFormat}: Info) =>
  x && dataFormat === 'channelsFirst' && x.shape.length >= 3 ? run('aten::movedim.int', x, -3, -1) : x;
