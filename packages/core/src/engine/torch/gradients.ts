import * as tf from '@tensorflow/tfjs-core';

/** The kernels of gradients that torch computes in one pass, where tfjs composes three to five ops. */
export const ReluGrad = 'ReluGrad';
export const LeakyReluGrad = 'LeakyReluGrad';
export const SigmoidGrad = 'SigmoidGrad';
export const TanhGrad = 'TanhGrad';
export const SoftmaxGrad = 'SoftmaxGrad';

/** The op, the kernel of its gradient, and the input that the gradient is of. */
const onePass = [
  [tf.Relu, ReluGrad, 'x'],
  [tf.LeakyRelu, LeakyReluGrad, 'x'],
  [tf.Sigmoid, SigmoidGrad, 'x'],
  [tf.Tanh, TanhGrad, 'x'],
  [tf.Softmax, SoftmaxGrad, 'logits'],
] as const;

const registered = new Set<string>();

/**
 * Puts the one-pass gradients before tfjs's own, once; those must be registered by now. They still serve on other
 * engines, and where a gradient is differentiated again.
 */
export function registerGradients(): void {
  for (const [kernelName, gradKernel, input] of onePass) {
    const stock = tf.getGradient(kernelName);
    if (!stock || registered.has(kernelName)) continue;
    registered.add(kernelName);
    const gradFunc: tf.GradFunc = (dy, saved, attrs) => {
      if (tf.getBackend() !== 'torch' || tf.engine().isTapeOn()) return stock.gradFunc(dy, saved, attrs);
      const inputs = {dy: dy as tf.Tensor, saved: saved[0]};
      return {[input]: () => tf.engine().runKernel(gradKernel, inputs, attrs)};
    };
    tf.registerGradient(kernelName === tf.Relu ? keepResult(gradFunc) : {...stock, gradFunc});
  }
}

/**
 * tfjs keeps the input of a ReLU, which nobody else may need; its result tells as much and the next layer keeps it
 * anyway. Only where gradients are nested it has to be the input: tfjs does not differentiate through saved results.
 */
function keepResult(gradFunc: tf.GradFunc): tf.GradConfig {
  const nested = () => tf.engine().state.gradientDepth > 1;
  return {
    kernelName: tf.Relu,
    get inputsToSave() {
      return nested() ? ['x'] : [];
    },
    get outputsToSave() {
      return [!nested()];
    },
    gradFunc,
  };
}
