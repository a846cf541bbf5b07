import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {dtyped, floating} from './dtype.js';
import {type KernelTable, kernel, type NativeKernel} from './kernelTable.js';

type X = tf.UnaryInputs;

/** The dtype stays, as torch has it. */
const same = (op: string): NativeKernel => kernel<X>(({x}) => run(op, x));

/** tfjs lets some functions of real numbers take integers, and then cuts the result to an integer. */
const real = (op: string): NativeKernel =>
  kernel<X>(({x}) => (x.dtype === 'float32' ? run(op, x) : dtyped(run(op, floating(x)), x.dtype)));

export const unary: KernelTable = {
  [tf.Abs]: same('aten::abs'),
  [tf.Acos]: real('aten::acos'),
  [tf.Acosh]: real('aten::acosh'),
  [tf.Asin]: real('aten::asin'),
  [tf.Asinh]: real('aten::asinh'),
  [tf.Atan]: real('aten::atan'),
  [tf.Atanh]: real('aten::atanh'),
  [tf.Ceil]: real('aten::ceil'),
  [tf.Cos]: real('aten::cos'),
  [tf.Cosh]: real('aten::cosh'),
  [tf.Elu]: real('aten::elu'),
  [tf.Erf]: real('aten::erf'),
  [tf.Exp]: kernel<X>(({x}) => run('aten::exp', x)),
  [tf.Expm1]: real('aten::expm1'),
  [tf.Floor]: real('aten::floor'),
  [tf.IsFinite]: same('aten::isfinite'),
  [tf.IsInf]: same('aten::isinf'),
  [tf.IsNan]: same('aten::isnan'),
  [tf.Log]: real('aten::log'),
  [tf.Log1p]: real('aten::log1p'),
  [tf.LogicalNot]: same('aten::logical_not'),
  [tf.Neg]: same('aten::neg'),
  [tf.Reciprocal]: real('aten::reciprocal'),
  [tf.Relu]: same('aten::relu'),
  [tf.Relu6]: same('aten::relu6'),
  [tf.Round]: real('aten::round'),
  [tf.Rsqrt]: real('aten::rsqrt'),
  [tf.Selu]: real('aten::selu'),
  [tf.Sigmoid]: real('aten::sigmoid'),
  [tf.Sign]: same('aten::sign'),
  [tf.Sin]: real('aten::sin'),
  [tf.Sinh]: real('aten::sinh'),
  [tf.Softplus]: real('aten::softplus'),
  [tf.Sqrt]: real('aten::sqrt'),
  [tf.Square]: same('aten::square'),
  [tf.Tan]: real('aten::tan'),
  [tf.Tanh]: real('aten::tanh'),

  [tf.ClipByValue]: kernel<X, tf.ClipByValueAttrs>(({x}, {clipValueMin, clipValueMax}) =>
    run('aten::clamp', x, clipValueMin, clipValueMax),
  ),
  [tf.LeakyRelu]: kernel<X, tf.LeakyReluAttrs>(({x}, {alpha}) => run('aten::leaky_relu', floating(x), alpha)),
  [tf.EluGrad]: kernel<tf.EluGradInputs>(({dy, y}) => run('aten::elu_backward', dy, 1, 1, 1, true, y)),
  // 1 above zero, else alpha; the clamp passes NaN on.
  [tf.Step]: kernel<X, tf.StepAttrs>(({x}, {alpha}) =>
    run('aten::where.ScalarSelf', run('aten::gt.Scalar', x, 0), 1, run('aten::clamp', x, alpha, alpha)),
  ),
};
