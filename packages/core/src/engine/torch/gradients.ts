import * as tf from '@tensorflow/tfjs-core';

/** The kernels of gradients that torch computes in one pass, where tfjs composes three to five ops. */
export const ReluGrad = 'ReluGrad';
export const LeakyReluGrad = 'LeakyReluGrad';
export const SigmoidGrad = 'SigmoidGrad';
export const TanhGrad = 'TanhGrad';
export const SoftmaxGrad = 'SoftmaxGrad';
export const LogSoftmaxGrad = 'LogSoftmaxGrad';

/** The op, the kernel of its gradient, and the input that the gradient is of. */
const onePass = [
  [tf.Relu, ReluGrad, 'x'],
  [tf.LeakyRelu, LeakyReluGrad, 'x'],
  [tf.Sigmoid, SigmoidGrad, 'x'],
  [tf.Tanh, TanhGrad, 'x'],
  [tf.Softmax, SoftmaxGrad, 'logits'],
  [tf.LogSoftmax, LogSoftmaxGrad, 'logits'],
] as const;

/** tfjs's own gradients, which still serve on other engines and where the gradient is differentiated again. */
const composed = new Map<string, tf.GradConfig>();

/** Puts the one-pass gradients before tfjs's own, once; those must be registered by now. */
export function registerGradients(): void {
  for (const [kernelName, gradKernel, input] of onePass) {
    const stock = tf.getGradient(kernelName);
    if (!stock || composed.has(kernelName)) continue;
    composed.set(kernelName, stock);
    tf.registerGradient({
      ...(kernelName === tf.Relu ? {kernelName, outputsToSave: [true]} : stock),
      gradFunc(dy, saved, attrs) {
        if (tf.getBackend() !== 'torch' || tf.engine().isTapeOn()) return stock.gradFunc(dy, saved, attrs);
        const inputs = {dy: dy as tf.Tensor, saved: saved[0]};
        return {[input]: () => tf.engine().runKernel(gradKernel, inputs, attrs)};
      },
    });
  }
}
