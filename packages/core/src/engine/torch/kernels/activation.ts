import type * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';

/** What tfjs's fused kernels apply last. */
export interface FusedActivation {
  activation?: 'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'prelu' | 'leakyrelu';
  leakyreluAlpha?: number;
}

/** Applies the activation of a fused kernel in place: nobody has seen `y` yet. */
export function activated(
  y: tf.TensorInfo,
  {activation, leakyreluAlpha}: FusedActivation,
  preluWeights?: tf.TensorInfo,
): tf.TensorInfo {
  switch (activation ?? 'linear') {
    case 'linear':
      return y;
    case 'relu':
      return run('aten::relu_', y);
    case 'relu6':
      return run('aten::relu6_', y);
    case 'elu':
      return run('aten::elu_', y);
    case 'sigmoid':
      return run('aten::sigmoid_', y);
    case 'leakyrelu':
      return run('aten::leaky_relu_', y, leakyreluAlpha ?? 0.2);
    case 'prelu':
      return run(
        'aten::addcmul',
        run('aten::relu', y),
        preluWeights as tf.TensorInfo,
        run('aten::clamp_max', y, 0),
      );
    default:
      throw new Error(
        `The fused activation "${activation}" is unknown to the torch engine. Apply it as an op of its own.`,
      );
  }
}
