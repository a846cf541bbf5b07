import type * as tf from '@tensorflow/tfjs-core';
import {LeakyReluGrad, ReluGrad, SigmoidGrad, SoftmaxGrad, TanhGrad} from '../gradients.js';
import {run} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

/** `saved` is what the forward pass kept: its input for the leaky ReLU, its result for the others. */
type Inputs = Record<'dy' | 'saved', tf.TensorInfo>;

export const gradients: KernelTable = {
  [ReluGrad]: kernel<Inputs>(({dy, saved}) => run('aten::threshold_backward', dy, saved, 0)),
  [LeakyReluGrad]: kernel<Inputs, tf.LeakyReluAttrs>(({dy, saved}, {alpha}) =>
    run('aten::leaky_relu_backward', dy, saved, alpha, false),
  ),
  [SigmoidGrad]: kernel<Inputs>(({dy, saved}) => run('aten::sigmoid_backward', dy, saved)),
  [TanhGrad]: kernel<Inputs>(({dy, saved}) => run('aten::tanh_backward', dy, saved)),
  [SoftmaxGrad]: kernel<Inputs, tf.SoftmaxAttrs>(({dy, saved}, {dim}) =>
    run('aten::_softmax_backward_data', dy, saved, dim, 'float32'),
  ),
};
