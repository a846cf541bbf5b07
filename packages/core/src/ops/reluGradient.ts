// What a backward pass may do at a ReLU: Springenberg et al., "Striving for Simplicity", ICLR 2015 workshop,
// arXiv:1412.6806, figure 1; Zeiler & Fergus, ECCV 2014, arXiv:1311.2901, section 2.1.
import * as tf from '@tensorflow/tfjs-core';

export const AddReluGrad = 'AddReluGrad';

/**
 * What passes backwards through a ReLU: with `gradient` what its input was positive for, the derivative; with
 * `deconvnet` what is itself positive; with `guided` what is both.
 */
export type ReluRule = 'gradient' | 'guided' | 'deconvnet';

let current: ReluRule = 'gradient';

/** The rule that holds now. */
export const reluRule = (): ReluRule => current;

/** The backward pass of every ReLU, be it an op of its own or the end of a fused one. `y` is its result, or its input. */
export function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (current === 'deconvnet') return tf.relu(dy);
    // The kernel cannot be differentiated again.
    const passed = tf.engine().isTapeOn()
      ? tf.mul(dy, tf.step(y))
      : tf.engine().runKernel<tf.Tensor>(AddReluGrad, {dy, y});
    return current === 'guided' ? tf.relu(passed) : passed;
  });
}

/**
 * Runs `f`, in which all ReLUs have another backward pass: `tf.relu`, `Relu`, `addRelu`, and those in the same pass
 * with a convolution or a batch norm. Both the forward and the backward pass must be in `f`: `tf.grad(model)(image)`.
 * What comes out is no gradient, but shows what a unit responds to.
 *
 * @throws TypeError if `f` is async: the rule would hold for whatever else runs meanwhile.
 */
export function withReluRule<T>(rule: ReluRule, f: () => T): T {
  const before = current;
  const stock = tf.getGradient(tf.Relu);
  current = rule;
  tf.registerGradient({
    kernelName: tf.Relu,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({x: () => reluGradient(dy as tf.Tensor, x)}),
  });
  try {
    const result = f();
    if (result instanceof Promise)
      throw new TypeError('withReluRule: f must be synchronous, got a promise. Await what it needs before.');
    return result;
  } finally {
    current = before;
    if (stock) tf.registerGradient(stock);
    else tf.unregisterGradient(tf.Relu);
  }
}
