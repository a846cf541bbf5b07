import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';
import {reshape} from './reshape.js';

type T = tf.TensorInfo;
type X = Record<'x', T>;

export const slicing: KernelTable = {
  [tf.Slice]: kernel<X, tf.SliceAttrs>(({x}, {begin, size}) => {
    const [begins, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
    tf.slice_util.assertParamsValid(x as tf.Tensor, begins, sizes);
    return begins.reduce(
      (part, from, axis) =>
        sizes[axis] === x.shape[axis] ? part : run('aten::narrow', part, axis, from, sizes[axis]),
      x,
    );
  }),
  [tf.StridedSlice]: kernel<X, tf.StridedSliceAttrs>(({x}, attrs) => {
    const {finalShape, finalShapeSparse, begin, end, strides, isIdentity} = tf.slice_util.sliceInfo(
      x.shape,
      attrs.begin,
      attrs.end,
      attrs.strides,
      attrs.beginMask,
      attrs.endMask,
      attrs.ellipsisMask,
      attrs.newAxisMask,
      attrs.shrinkAxisMask,
    );
    if (isIdentity) return reshape(x, finalShape);
    if (finalShapeSparse.includes(0)) return run('aten::new_empty', x, finalShape);
    return reshape(
      begin.reduce((part, from, axis) => step(part, axis, from, end[axis], strides[axis]), x),
      finalShape,
    );
  }),
};

/** Every `stride`th index from `from` up or down to `to`, which is not taken. */
function step(x: T, axis: number, from: number, to: number, stride: number): T {
  if (stride > 0) return run('aten::slice.Tensor', x, axis, from, to, stride);
  const last = x.shape[axis] - 1;
  return run('aten::slice.Tensor', run('aten::flip', x, [axis]), axis, last - from, last - to, -stride);
}
