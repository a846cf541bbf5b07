import * as tf from '@tensorflow/tfjs-core';
import {run, runMany} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

type T = tf.TensorInfo;
type Shape5D = [number, number, number, number, number];
type Attrs = {
  strides: number | [number, number, number];
  pad: 'valid' | 'same';
  dilations?: number | [number, number, number];
};

export const convolution3d: KernelTable = {
  [tf.Conv3D]: kernel<tf.Conv3DInputs, tf.Conv3DAttrs>(({x, filter}, attrs) => {
    const info = infoOf(x.shape, filter.shape, attrs);
    const y = run(
      'aten::convolution',
      channelsFirst(padded(x, info)),
      oidhw(filter),
      null,
      ...geometry(info),
    );
    return channelsLast(y);
  }),
  [tf.Conv3DBackpropInputV2]: kernel<tf.Conv3DBackpropInputV2Inputs, tf.Conv3DBackpropInputV2Attrs>(
    ({dy, filter}, attrs) => {
      const info = infoOf(attrs.inputShape, filter.shape, attrs);
      // Torch reads no more than the shape of the input here.
      const x = run('aten::new_empty', dy, paddedShape(info));
      const dx = channelsLast(backward(dy, x, filter, info, 'input'));
      const {padInfo, inDepth, inHeight, inWidth} = info;
      const rows = run('aten::narrow', dx, 1, padInfo.front, inDepth);
      const lines = run('aten::narrow', rows, 2, padInfo.top, inHeight);
      return run('aten::narrow', lines, 3, padInfo.left, inWidth);
    },
  ),
  [tf.Conv3DBackpropFilterV2]: kernel<tf.Conv3DBackpropFilterV2Inputs, tf.Conv3DBackpropFilterV2Attrs>(
    ({x, dy}, attrs) => {
      const info = infoOf(x.shape, attrs.filterShape, attrs);
      const filter = run('aten::new_empty', dy, attrs.filterShape);
      return run('aten::permute', backward(dy, padded(x, info), filter, info, 'filter'), [2, 3, 4, 1, 0]);
    },
  ),
};

const infoOf = (inputShape: number[], filterShape: number[], {strides, pad, dilations = 1}: Attrs) =>
  tf.backend_util.computeConv3DInfo(inputShape as Shape5D, filterShape as Shape5D, strides, dilations, pad);

type Info = ReturnType<typeof infoOf>;

/** The arguments of aten::convolution after the bias. The padding is done before. */
function geometry(info: Info) {
  const strides = [info.strideDepth, info.strideHeight, info.strideWidth];
  const dilations = [info.dilationDepth, info.dilationHeight, info.dilationWidth];
  return [strides, [0, 0, 0], dilations, false, [0, 0, 0], 1] as const;
}

/** One of the two gradients, in torch's layout. */
function backward(dy: T, x: T, filter: T, info: Info, of: 'input' | 'filter'): T {
  const inputs = [channelsFirst(dy), channelsFirst(x), oidhw(filter)];
  const mask = [of === 'input', of === 'filter', false];
  // What is masked out is not among the results.
  return runMany('aten::convolution_backward', ...inputs, null, ...geometry(info), mask)[0];
}

function padded(x: T, {padInfo}: Info): T {
  const {front, back, top, bottom, left, right} = padInfo;
  return run('aten::constant_pad_nd', x, [0, 0, left, right, top, bottom, front, back]);
}

function paddedShape({batchSize, inDepth, inHeight, inWidth, inChannels, padInfo}: Info): number[] {
  const {front, back, top, bottom, left, right} = padInfo;
  return [batchSize, inDepth + front + back, inHeight + top + bottom, inWidth + left + right, inChannels];
}

const channelsFirst = (x: T) => run('aten::permute', x, [0, 4, 1, 2, 3]);
const channelsLast = (x: T) => run('aten::permute', x, [0, 2, 3, 4, 1]);
const oidhw = (filter: T) => run('aten::permute', filter, [4, 3, 0, 1, 2]);
