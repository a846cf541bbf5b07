// The end of a residual block: He et al., "Deep Residual Learning", CVPR 2016, arXiv:1512.03385, figure 2.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';
import {reluGradient} from './reluGradient.js';

export const AddRelu = 'AddRelu';

/**
 * `max(0, a + b)` in one pass. Differentiable in both; only the result is kept for the gradient, where `tf.add`
 * would keep both summands.
 *
 * @param a - float32.
 * @param b - float32, of the same shape: nothing is broadcast.
 * @throws TypeError if the shapes differ.
 */
export function addRelu<T extends tf.Tensor>(a: T, b: T): T {
  const axes = a.shape.map((_, axis) => `D${axis}`).join(' ');
  checkShapes('addRelu', {a: [a, axes], b: [b, axes]}, 'Use tf.relu(tf.add(a, b)) to broadcast.');
  return tf.engine().runKernel<tf.Tensor>(AddRelu, {a, b}) as T;
}

export const addReluGradient: tf.GradConfig = {
  kernelName: AddRelu,
  outputsToSave: [true],
  gradFunc(dy, [y]) {
    const gradient = () => reluGradient(dy as tf.Tensor, y);
    let first: tf.Tensor | undefined;
    // One pass for both summands, each with a handle of its own.
    return {a: () => (first = gradient()), b: () => (first ? tf.clone(first) : gradient())};
  },
};
