import * as tf from '@tensorflow/tfjs-core';
import {runOnCpu} from '../fallback.js';
import {run} from '../run.js';
import {dtyped} from './dtype.js';
import {type KernelTable, kernel} from './kernelTable.js';

type X = tf.UnaryInputs;

export const creation: KernelTable = {
  [tf.Identity]: kernel<X>(({x}) => x),
  [tf.ZerosLike]: kernel<X>(({x}) => run('aten::zeros_like', x)),
  [tf.OnesLike]: kernel<X>(({x}) => run('aten::ones_like', x)),
  [tf.Cast]: kernel<X, tf.CastAttrs>(({x}, {dtype}) =>
    dtyped(x.dtype === 'complex64' && dtype !== 'complex64' ? run('aten::real', x) : x, dtype),
  ),
  [tf.Fill]: kernel<object, tf.FillAttrs>((_, attrs) => {
    const {shape, value, dtype = tf.util.inferDtype(value)} = attrs;
    if (dtype === 'string') return runOnCpu(tf.Fill, {inputs: {}, attrs: {...attrs}, backend: tf.backend()});
    return run('aten::full', shape, Number(value), dtype);
  }),
  [tf.LinSpace]: kernel<object, tf.LinSpaceAttrs>((_, {start, stop, num}) =>
    run('aten::linspace', start, stop, num, 'float32'),
  ),
  [tf.Range]: kernel<object, tf.RangeAttrs>((_, {start, stop, step, dtype}) => {
    // tfjs turns round where no step was given, and gives nothing where torch throws.
    const down = stop < start;
    const by = down && step === 1 ? -1 : step;
    const empty = start === stop || down !== by < 0;
    return run('aten::arange.start_step', start, empty ? start : stop, by, dtype);
  }),
  [tf.OneHot]: kernel<tf.OneHotInputs, tf.OneHotAttrs>(({indices}, {depth, onValue, offValue, dtype}) => {
    const classes = run('aten::arange', depth, indices.dtype);
    const hot = run('aten::eq.Tensor', run('aten::unsqueeze', indices, -1), classes);
    if (onValue === 1 && offValue === 0) return dtyped(hot, dtype);
    return dtyped(run('aten::where.Scalar', hot, onValue, offValue), dtype);
  }),
  [tf.Diag]: kernel<tf.DiagInputs>(({x}) =>
    run('aten::reshape', run('aten::diag_embed', run('aten::reshape', x, [-1])), [...x.shape, ...x.shape]),
  ),
  [tf.SearchSorted]: kernel<tf.SearchSortedInputs, tf.SearchSortedAttrs>(({sortedSequence, values}, {side}) =>
    run('aten::searchsorted.Tensor', sortedSequence, values, true, side === 'right'),
  ),
};
