import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {dtyped, floating} from './dtype.js';
import {type KernelTable, kernel} from './kernelTable.js';

type X = Record<'x', tf.TensorInfo>;
type Axes = {axis: number | number[] | null; keepDims: boolean};

export const reduction: KernelTable = {
  [tf.Sum]: kernel<X, Axes>(({x}, {axis, keepDims}) => {
    const axes = axesOf(axis, x);
    const dtype = numeric(x);
    // Torch takes no axes for all of them.
    if (reducesNothing(axes, x)) return dtyped(x, dtype);
    return run('aten::sum.dim_IntList', x, axes, keepDims ?? false, dtype);
  }),
  [tf.Mean]: kernel<X, Axes>(({x}, {axis, keepDims}) => {
    const axes = axesOf(axis, x);
    if (reducesNothing(axes, x)) return floating(x);
    if (x.shape.includes(0)) return run('aten::sum.dim_IntList', x, axes, keepDims ?? false, 'float32');
    return run('aten::mean.dim', x, axes, keepDims ?? false, 'float32');
  }),
  [tf.Max]: kernel<X, tf.MaxAttrs>(({x}, {reductionIndices, keepDims}) => {
    const axes = axesOf(reductionIndices, x);
    return reducesNothing(axes, x) ? x : run('aten::amax', x, axes, keepDims ?? false);
  }),
  [tf.Min]: kernel<X, Axes>(({x}, {axis, keepDims}) => {
    const axes = axesOf(axis, x);
    return reducesNothing(axes, x) ? x : run('aten::amin', x, axes, keepDims ?? false);
  }),
  [tf.Prod]: kernel<X, Axes>(({x}, {axis, keepDims}) =>
    oneByOne(dtyped(x, numeric(x)), axesOf(axis, x), (part, dim) =>
      run('aten::prod.dim_int', part, dim, keepDims ?? false, part.dtype),
    ),
  ),
  [tf.All]: kernel<X, Axes>(({x}, {axis, keepDims}) =>
    oneByOne(x, axesOf(axis, x), (part, dim) => run('aten::all.dim', part, dim, keepDims ?? false)),
  ),
  [tf.Any]: kernel<X, Axes>(({x}, {axis, keepDims}) =>
    oneByOne(x, axesOf(axis, x), (part, dim) => run('aten::any.dim', part, dim, keepDims ?? false)),
  ),
  [tf.ArgMax]: kernel<X, tf.ArgMaxAttrs>(({x}, {axis}) =>
    run('aten::argmax', ordered(x, -Infinity), axesOf(axis, x)[0]),
  ),
  [tf.ArgMin]: kernel<X, tf.ArgMinAttrs>(({x}, {axis}) =>
    run('aten::argmin', ordered(x, Infinity), axesOf(axis, x)[0]),
  ),
  [tf.Softmax]: kernel<tf.SoftmaxInputs, tf.SoftmaxAttrs>(({logits}, {dim}) =>
    run('aten::_softmax', floating(logits), dim, false),
  ),
  [tf.LogSoftmax]: kernel<tf.LogSoftmaxInputs, tf.LogSoftmaxAttrs>(({logits}, {axis}) =>
    run('aten::_log_softmax', floating(logits), axis, false),
  ),
  [tf.Cumsum]: kernel<tf.CumsumInputs, tf.CumsumAttrs>(({x}, attrs) => scan('aten::cumsum', x, 0, attrs)),
  [tf.Cumprod]: kernel<tf.CumprodInputs, tf.CumprodAttrs>(({x}, attrs) => scan('aten::cumprod', x, 1, attrs)),
};

// null stands for all axes here, whatever the type says.
const axesOf = (axis: number | number[] | null, {shape}: tf.TensorInfo): number[] =>
  tf.util.parseAxisParam(axis as number | number[], shape);

const reducesNothing = (axes: number[], {shape}: tf.TensorInfo) => axes.length === 0 && shape.length > 0;

/** Sums and products of booleans and integers are int32. */
const numeric = ({dtype}: tf.TensorInfo) => tf.upcastType(dtype, 'int32');

/** Torch orders no booleans, and puts NaN above all; tfjs passes it over. */
function ordered(x: tf.TensorInfo, instead: number): tf.TensorInfo {
  if (x.dtype === 'bool') return dtyped(x, 'int32');
  return x.dtype === 'float32' ? run('aten::nan_to_num', x, instead, Infinity, -Infinity) : x;
}

/** For reductions that torch has along one axis only: the last axis first, so that the others keep their numbers. */
function oneByOne(
  x: tf.TensorInfo,
  axes: number[],
  reduce: (x: tf.TensorInfo, dim: number) => tf.TensorInfo,
): tf.TensorInfo {
  return [...axes].sort((a, b) => b - a).reduce(reduce, x);
}

function scan(
  op: string,
  x: tf.TensorInfo,
  neutral: number,
  {axis, exclusive, reverse}: tf.CumsumAttrs,
): tf.TensorInfo {
  const forward = reverse ? run('aten::flip', x, [axis]) : x;
  const scanned = run(op, exclusive ? shifted(forward, axis, neutral) : forward, axis, numeric(x));
  return reverse ? run('aten::flip', scanned, [axis]) : scanned;
}

/** Moves every value one place on along the axis. */
function shifted(x: tf.TensorInfo, axis: number, first: number): tf.TensorInfo {
  const size = x.shape[axis];
  const pads = Array<number>(2 * (x.shape.length - axis)).fill(0);
  pads[pads.length - 2] = 1;
  const padded = run('aten::constant_pad_nd', dtyped(x, numeric(x)), pads, first);
  return run('aten::narrow', padded, axis, 0, size);
}
