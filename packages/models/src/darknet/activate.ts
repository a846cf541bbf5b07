// Mish: Misra, BMVC 2020, arXiv:1908.08681, equation 1. Swish: Ramachandran et al., arXiv:1710.05941.
import * as tf from '@tensorflow/tfjs-core';
import type {Activation} from './darknetLayer.js';

/** Applies an activation by its darknet name; `leaky` has slope 0.1. Differentiable. @param x - any shape, float32. */
export function activate<T extends tf.Tensor>(x: T, activation: Activation): T {
  return functions[activation](x) as T;
}

const functions: Record<Activation, (x: tf.Tensor) => tf.Tensor> = {
  linear: x => tf.clone(x),
  leaky: x => tf.leakyRelu(x, 0.1),
  relu: x => tf.relu(x),
  relu6: x => tf.relu6(x),
  mish: x => tf.tidy(() => tf.mul(x, tf.tanh(tf.softplus(x)))),
  swish: x => tf.tidy(() => tf.mul(x, tf.sigmoid(x))),
  logistic: x => tf.sigmoid(x),
  tanh: x => tf.tanh(x),
  elu: x => tf.elu(x),
};
