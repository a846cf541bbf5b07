import * as tf from '@tensorflow/tfjs-core';
import {run, runMany} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';
import {reshape} from './reshape.js';

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

  // Stable, because tfjs promises the lower index first among equal values.
  [tf.TopK]: kernel<X, tf.TopKAttrs>(({x}, {k}) => {
    const [values, indices] = runMany('aten::sort.stable', x, true, -1, true);
    // A copy, for a view would keep all the values that were sorted.
    return [
      run('aten::clone', run('aten::narrow', values, -1, 0, k)),
      run('aten::narrow', indices, -1, 0, k),
    ];
  }),
};
