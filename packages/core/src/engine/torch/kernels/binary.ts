import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {dtyped} from './dtype.js';
import {type KernelTable, kernel, type NativeKernel} from './kernelTable.js';

type AB = tf.BinaryInputs;

// tfjs has given both sides the same dtype by now, and torch broadcasts as tfjs does.
const binary_ = (op: string): NativeKernel => kernel<AB>(({a, b}) => run(op, a, b));

export const binary: KernelTable = {
  [tf.Add]: binary_('aten::add.Tensor'),
  [tf.Atan2]: binary_('aten::atan2'),
  [tf.BitwiseAnd]: binary_('aten::bitwise_and.Tensor'),
  [tf.Equal]: binary_('aten::eq.Tensor'),
  [tf.Greater]: binary_('aten::gt.Tensor'),
  [tf.GreaterEqual]: binary_('aten::ge.Tensor'),
  [tf.Less]: binary_('aten::lt.Tensor'),
  [tf.LessEqual]: binary_('aten::le.Tensor'),
  [tf.LogicalAnd]: binary_('aten::logical_and'),
  [tf.LogicalOr]: binary_('aten::logical_or'),
  [tf.Maximum]: binary_('aten::maximum'),
  [tf.Minimum]: binary_('aten::minimum'),
  // The result takes the divisor's sign, in torch's remainder as in tfjs's mod.
  [tf.Mod]: binary_('aten::remainder.Tensor'),
  [tf.Multiply]: binary_('aten::mul.Tensor'),
  [tf.NotEqual]: binary_('aten::ne.Tensor'),
  [tf.Pow]: binary_('aten::pow.Tensor_Tensor'),
  [tf.Sub]: binary_('aten::sub.Tensor'),

  [tf.RealDiv]: kernel<AB>(({a, b}) => dtyped(run('aten::div.Tensor', a, b), a.dtype)),
  [tf.FloorDiv]: kernel<AB>(({a, b}) => dtyped(run('aten::div.Tensor_mode', a, b, 'floor'), 'int32')),
  [tf.SquaredDifference]: kernel<AB>(({a, b}) => run('aten::square', run('aten::sub.Tensor', a, b))),
  [tf.Prelu]: kernel<tf.PreluInputs>(({x, alpha}) =>
    run('aten::addcmul', run('aten::relu', x), alpha, run('aten::clamp_max', x, 0)),
  ),
  [tf.AddN]: kernel<tf.TensorInfo[]>(([first, ...rest]) =>
    rest.reduce((sum, x) => run('aten::add.Tensor', sum, x), first),
  ),
  [tf.Select]: kernel<tf.SelectInputs>(({condition, t, e}) => {
    const dtype = tf.upcastType(t.dtype, e.dtype);
    return run('aten::where.self', alongRows(condition, t), dtyped(t, dtype), dtyped(e, dtype));
  }),
};

/** A condition of rank 1 chooses whole rows. */
function alongRows(condition: tf.TensorInfo, t: tf.TensorInfo): tf.TensorInfo {
  if (condition.shape.length !== 1 || t.shape.length < 2) return condition;
  return run('aten::reshape', condition, [condition.shape[0], ...t.shape.slice(1).fill(1)]);
}
