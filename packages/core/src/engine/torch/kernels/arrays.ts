import * as tf from '@tensorflow/tfjs-core';
import {run, runMany} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

type T = tf.TensorInfo;
type X = Record<'x', T>;

export const arrays: KernelTable = {
  [tf.Reshape]: kernel<X, tf.ReshapeAttrs>(({x}, {shape}) => reshape(x, shape)),
  [tf.ExpandDims]: kernel<tf.ExpandDimsInputs, tf.ExpandDimsAttrs>(({input}, {dim}) =>
    run('aten::unsqueeze', input, dim),
  ),
  [tf.Transpose]: kernel<X, tf.TransposeAttrs>(({x}, {perm}) => run('aten::permute', x, perm)),
  [tf.Reverse]: kernel<X, tf.ReverseAttrs>(({x}, {dims}) =>
    run('aten::flip', x, tf.util.parseAxisParam(dims, x.shape)),
  ),
  [tf.FlipLeftRight]: kernel<tf.FlipLeftRightInputs>(({image}) => run('aten::flip', image, [2])),
  [tf.Tile]: kernel<X, tf.TileAttrs>(({x}, {reps}) => run('aten::repeat', x, reps)),
  [tf.BroadcastTo]: kernel<X, tf.BroadCastToAttrs>(({x}, {shape}) => run('aten::expand', x, shape)),

  [tf.Concat]: kernel<T[], tf.ConcatAttrs>((inputs, {axis}) => {
    const tensors = Object.values(inputs);
    const dim = tf.util.parseAxisParam(axis, tensors[0].shape)[0];
    tf.backend_util.assertParamsConsistent(
      tensors.map(({shape}) => shape),
      dim,
    );
    return run('aten::cat', tensors, dim);
  }),
  [tf.Pack]: kernel<T[], tf.PackAttrs>((inputs, {axis}) => {
    const tensors = Object.values(inputs);
    const other = tensors.find(({dtype}) => dtype !== tensors[0].dtype);
    if (other) {
      throw new TypeError(
        `stack: all tensors must be ${tensors[0].dtype} as the first one, got ${other.dtype}. Use tf.cast.`,
      );
    }
    return run('aten::stack', tensors, axis);
  }),
  [tf.Unpack]: kernel<tf.UnpackInputs, tf.UnpackAttrs>(({value}, {axis}) =>
    runMany('aten::unbind.int', value, axis),
  ),
  [tf.SplitV]: kernel<X, tf.SplitVAttrs>(({x}, {numOrSizeSplits, axis}) => {
    const dim = tf.util.parseAxisParam(axis, x.shape)[0];
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, dim);
    return runMany('aten::split_with_sizes', x, sizes, dim);
  }),
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

  [tf.PadV2]: kernel<X, tf.PadV2Attrs>(({x}, {paddings, constantValue}) =>
    run('aten::constant_pad_nd', x, [...paddings].reverse().flat(), constantValue),
  ),
  [tf.MirrorPad]: kernel<X, tf.MirrorPadAttrs>(({x}, {paddings, mode}) =>
    paddings.reduce(
      (part, [before, after], axis) => mirrored(part, axis, before, after, mode === 'reflect' ? 1 : 0),
      x,
    ),
  ),

  [tf.SpaceToBatchND]: kernel<tf.SpaceToBatchNDInputs, tf.SpaceToBatchNDAttrs>(
    ({x}, {blockShape, paddings}) => {
      const product = tf.util.sizeFromShape(blockShape);
      const sides = [[0, 0], ...paddings, ...x.shape.slice(1 + blockShape.length).map(() => [0, 0])];
      const padded = run('aten::constant_pad_nd', x, [...sides].reverse().flat());
      const {getReshaped, getPermuted, getReshapedPermuted} = tf.backend_util;
      const split = getReshaped(padded.shape, blockShape, product, false);
      const order = getPermuted(split.length, blockShape.length, false);
      const shape = getReshapedPermuted(padded.shape, blockShape, product, false);
      return reshape(run('aten::permute', reshape(padded, split), order), shape);
    },
  ),
  [tf.BatchToSpaceND]: kernel<tf.BatchToSpaceNDInputs, tf.BatchToSpaceNDAttrs>(({x}, {blockShape, crops}) => {
    const product = tf.util.sizeFromShape(blockShape);
    const {getReshaped, getPermuted, getReshapedPermuted, getSliceBeginCoords, getSliceSize} =
      tf.backend_util;
    const split = getReshaped(x.shape, blockShape, product);
    const order = getPermuted(split.length, blockShape.length);
    const shape = getReshapedPermuted(x.shape, blockShape, product);
    const begins = getSliceBeginCoords(crops, blockShape.length);
    const sizes = getSliceSize(shape, crops, blockShape.length);
    return begins.reduce(
      (part, from, axis) => run('aten::narrow', part, axis, from, sizes[axis]),
      reshape(run('aten::permute', reshape(x, split), order), shape),
    );
  }),
  [tf.DepthToSpace]: kernel<X, tf.DepthToSpaceAttrs>(({x}, {blockSize: b, dataFormat}) => {
    const image = dataFormat === 'NCHW' ? run('aten::permute', x, [0, 2, 3, 1]) : x;
    const [n, height, width, channels] = image.shape;
    const split = reshape(image, [n, height, width, b, b, channels / (b * b)]);
    const spread = run('aten::permute', split, [0, 1, 3, 2, 4, 5]);
    const y = reshape(spread, [n, height * b, width * b, channels / (b * b)]);
    return dataFormat === 'NCHW' ? run('aten::permute', y, [0, 3, 1, 2]) : y;
  }),

  // Stable, because tfjs promises the lower index first among equal values.
  [tf.TopK]: kernel<X, tf.TopKAttrs>(({x}, {k}) => {
    const [values, indices] = runMany('aten::sort.stable', x, true, -1, true);
    return [run('aten::narrow', values, -1, 0, k), run('aten::narrow', indices, -1, 0, k)];
  }),
};

const reshape = (x: T, shape: readonly number[]) =>
  run('aten::reshape', x, tf.util.inferFromImplicitShape([...shape], tf.util.sizeFromShape(x.shape)));

/** Every `stride`th index from `from` up or down to `to`, which is not taken. */
function step(x: T, axis: number, from: number, to: number, stride: number): T {
  if (stride > 0) return run('aten::slice.Tensor', x, axis, from, to, stride);
  const last = x.shape[axis] - 1;
  return run('aten::slice.Tensor', run('aten::flip', x, [axis]), axis, last - from, last - to, -stride);
}

/** `skip` 1 leaves the edge itself out. */
function mirrored(x: T, axis: number, before: number, after: number, skip: number): T {
  const size = x.shape[axis];
  const flipped = (from: number, length: number) =>
    run('aten::flip', run('aten::narrow', x, axis, from, length), [axis]);
  const parts = [x];
  if (before > 0) parts.unshift(flipped(skip, before));
  if (after > 0) parts.push(flipped(size - after - skip, after));
  return parts.length > 1 ? run('aten::cat', parts, axis) : x;
}
