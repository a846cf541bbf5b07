import * as tf from '@tensorflow/tfjs-core';
import {sides} from './convolutionGeometry.js';

/** What tfjs's pooling kernels take, in two dimensions or three. */
export interface PoolAttrs {
  filterSize: number | number[];
  strides: number | number[];
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** A pooling in torch's terms: one number for each of the two or three axes. */
export interface Window {
  inputSize: number[];
  size: number[];
  strides: number[];
  /** The same on both sides. */
  padding: number[];
  /** The padding that torch's pooling cannot do, as aten::constant_pad_nd takes it for channels last. */
  explicit: number[] | null;
  /** The pooling changes nothing. */
  identity: boolean;
  /** The shape of the output where no window fits into the image. */
  empty: number[] | null;
}

/**
 * @param outShape - Of the result, where it is known: tfjs passes no rounding mode to its gradients.
 */
export function windowOf(shape: number[], attrs: PoolAttrs, outShape?: number[]): Window {
  const axes = shape.length === 4 ? axes2d(shape, attrs) : axes3d(shape, attrs);
  if (outShape) for (const [i, axis] of axes.entries()) axis.outSize = outShape[i + 1];
  // Torch pads both sides alike, by half a window at most, and then rounds down.
  const own = axes.every(
    ({inSize, size, stride, outSize, before}) =>
      2 * before <= size && Math.floor((inSize + 2 * before - size) / stride) + 1 === outSize,
  );
  const sides = axes.map(({inSize, size, stride, outSize, before}) => [
    before,
    Math.max(0, (outSize - 1) * stride + size - before - inSize),
  ]);
  return {
    inputSize: axes.map(({inSize}) => inSize),
    size: axes.map(({size}) => size),
    strides: axes.map(({stride}) => stride),
    padding: axes.map(({before}) => (own ? before : 0)),
    explicit: own ? null : [0, 0, ...sides.reverse().flat()],
    empty: axes.some(({outSize}) => outSize <= 0)
      ? [shape[0], ...axes.map(({outSize}) => Math.max(0, outSize)), shape[shape.length - 1]]
      : null,
    identity: axes.every(({size, inSize, outSize}) => size === 1 && inSize === outSize),
  };
}

interface Axis {
  inSize: number;
  size: number;
  stride: number;
  outSize: number;
  before: number;
}

function axes2d(shape: number[], {filterSize, strides, pad, dimRoundingMode}: PoolAttrs): Axis[] {
  const info = tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    sides(pad),
    dimRoundingMode,
  );
  const {
    inHeight,
    inWidth,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    outHeight,
    outWidth,
    padInfo,
  } = info;
  return [
    {inSize: inHeight, size: filterHeight, stride: strideHeight, outSize: outHeight, before: padInfo.top},
    {inSize: inWidth, size: filterWidth, stride: strideWidth, outSize: outWidth, before: padInfo.left},
  ];
}

function axes3d(shape: number[], {filterSize, strides, pad, dimRoundingMode}: PoolAttrs): Axis[] {
  const info = tf.backend_util.computePool3DInfo(
    shape as [number, number, number, number, number],
    filterSize as [number, number, number],
    strides as [number, number, number],
    1,
    pad as 'valid' | 'same' | number,
    dimRoundingMode,
  );
  const {inDepth, inHeight, inWidth, padInfo} = info;
  return [
    {
      inSize: inDepth,
      size: info.filterDepth,
      stride: info.strideDepth,
      outSize: info.outDepth,
      before: padInfo.front,
    },
    {
      inSize: inHeight,
      size: info.filterHeight,
      stride: info.strideHeight,
      outSize: info.outHeight,
      before: padInfo.top,
    },
    {
      inSize: inWidth,
      size: info.filterWidth,
      stride: info.strideWidth,
      outSize: info.outWidth,
      before: padInfo.left,
    },
  ];
}
