import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {int64} from './dtype.js';
import {type KernelTable, kernel} from './kernelTable.js';

type T = tf.TensorInfo;

export const indexing: KernelTable = {
  [tf.GatherV2]: kernel<tf.GatherV2Inputs, tf.GatherV2Attrs>(({x, indices}, {axis, batchDims}) => {
    const dim = tf.util.parseAxisParam(axis, x.shape)[0];
    return batchDims ? gatherInBatches(x, indices, dim, batchDims) : gather(x, indices, dim);
  }),
  [tf.GatherNd]: kernel<tf.GatherNdInputs>(({params, indices}) => {
    const [shape, slices, sliceSize] = tf.backend_util.prepareAndValidate(
      params as tf.Tensor,
      indices as tf.Tensor,
    );
    if (slices === 0) return run('aten::new_empty', params, shape);
    const depth = indices.shape[indices.shape.length - 1];
    const rows = run('aten::reshape', params, [-1, sliceSize]);
    return run(
      'aten::reshape',
      run('aten::index_select', rows, 0, rowNumbers(indices, params.shape.slice(0, depth))),
      shape,
    );
  }),
  [tf.ScatterNd]: kernel<tf.ScatterNdInputs, tf.ScatterNdAttrs>(({indices, updates}, {shape}) => {
    const zeros = run('aten::new_zeros', updates, shape);
    return scatter('aten::index_add_', zeros, indices, updates);
  }),
  [tf.TensorScatterUpdate]: kernel<tf.TensorScatterUpdateInputs>(({tensor, indices, updates}) =>
    scatter('aten::index_copy_', run('aten::clone', tensor), indices, updates),
  ),
  // Ids outside are left out: they count in one segment more, which is cut off.
  [tf.UnsortedSegmentSum]: kernel<tf.UnsortedSegmentSumInputs, tf.UnsortedSegmentSumAttrs>(
    ({x, segmentIds}, {numSegments}) => {
      const clamped = run('aten::clamp', segmentIds, -1, numSegments);
      const ids = run('aten::remainder.Scalar', clamped, numSegments + 1);
      const sums = run('aten::new_zeros', x, [numSegments + 1, ...x.shape.slice(1)]);
      return run('aten::narrow', run('aten::index_add_', sums, 0, ids, x), 0, 0, numSegments);
    },
  ),
  [tf.Bincount]: kernel<tf.BincountInputs, tf.BincountAttrs>(({x, weights}, {size}) =>
    counts(x, weights, size),
  ),
  [tf.DenseBincount]: kernel<tf.DenseBincountInputs, tf.DenseBincountAttrs>(
    ({x, weights}, {size, binaryOutput}) =>
      binaryOutput
        ? run('aten::to.dtype', run('aten::ne.Scalar', counts(x, undefined, size), 0), weights.dtype)
        : counts(x, weights, size),
  ),
};

/** How often each of the numbers below `size` stands in `x`, or in each row of it; the others are left out. */
function counts(x: T, weights: T | undefined, size: number): T {
  const rows = x.shape.length === 2 ? x.shape[0] : 1;
  const clamped = run('aten::reshape', run('aten::clamp_max', x, size), [rows, -1]);
  const starts = run('aten::arange.start_step', 0, rows * (size + 1), size + 1, 'int32');
  const bins = run('aten::add.Tensor', clamped, run('aten::unsqueeze', starts, 1));
  const weighted = weights && tf.util.sizeFromShape(weights.shape) > 0;
  const values = weighted ? weights : run('aten::ones_like', x, weights?.dtype ?? 'int32');
  const zeros = run('aten::new_zeros', values, [rows * (size + 1)]);
  const flat = [run('aten::reshape', bins, [-1]), run('aten::reshape', values, [-1])];
  const sums = run('aten::reshape', run('aten::index_add_', zeros, 0, ...flat), [rows, size + 1]);
  return run(
    'aten::reshape',
    run('aten::narrow', sums, 1, 0, size),
    x.shape.length === 2 ? [rows, size] : [size],
  );
}

function gather(x: T, indices: T, dim: number): T {
  const rows = selectRows(x, indices, dim);
  if (indices.shape.length === 1) return rows;
  return run('aten::reshape', rows, [...x.shape.slice(0, dim), ...indices.shape, ...x.shape.slice(dim + 1)]);
}

function selectRows(x: T, indices: T, dim: number): T {
  try {
    return run('aten::index_select', x, dim, run('aten::reshape', indices, [-1]));
  } catch (error) {
    const size = x.shape[dim];
    const values = tf.backend().readSync(indices.dataId) as Int32Array;
    const outside = values.find(index => index < 0 || index >= size);
    if (outside === undefined) throw error;
    throw new RangeError(`GatherV2: the index value ${outside} is not in [0, ${size - 1}]`);
  }
}

/** Each batch has its own indices: the batches are laid one after another, and the indices count on. */
function gatherInBatches(x: T, indices: T, dim: number, batchDims: number): T {
  const {batchSize, outerSize, dimSize, sliceSize, outputShape} =
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, dim, batchDims);
  const blocks = run('aten::reshape', x, [batchSize, outerSize, dimSize, sliceSize]);
  const rows = run('aten::reshape', run('aten::transpose.int', blocks, 1, 2), [-1, outerSize, sliceSize]);
  const starts = run('aten::arange.start_step', 0, batchSize * dimSize, dimSize, 'int32');
  const own = run('aten::reshape', indices, [batchSize, -1]);
  const numbers = run('aten::add.Tensor', own, run('aten::unsqueeze', starts, 1));
  const found = run('aten::index_select', rows, 0, run('aten::reshape', numbers, [-1]));
  const split = run('aten::reshape', found, [batchSize, -1, outerSize, sliceSize]);
  return run('aten::reshape', run('aten::transpose.int', split, 1, 2), outputShape);
}

/** Reads the last axis of `indices` as coordinates into `shape` and numbers them row by row: `[n]`. */
function rowNumbers(indices: T, shape: readonly number[]): T {
  const coordinates = run('aten::reshape', indices, [-1, shape.length]);
  const column = (i: number) => run('aten::select.int', coordinates, 1, i);
  return shape
    .slice(1)
    .reduce((numbers, size, i) => run('aten::add.Tensor', column(i + 1), numbers, size), column(0));
}

/** Writes or adds the slices of `updates` into `tensor`, in place. */
function scatter(op: string, tensor: T, indices: T, updates: T): T {
  const {sliceRank, sliceSize} = tf.backend_util.calculateShapes(
    updates as tf.Tensor,
    indices as tf.Tensor,
    tensor.shape,
  );
  const rows = run('aten::reshape', tensor, [-1, sliceSize]);
  const numbers = int64(rowNumbers(indices, tensor.shape.slice(0, sliceRank)));
  const values = run('aten::reshape', updates, [-1, sliceSize]);
  run(op, rows, 0, numbers, values);
  return tensor;
}
