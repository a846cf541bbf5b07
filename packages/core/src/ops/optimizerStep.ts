import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs one kernel over all parameters of a group and assigns what it returns.
 *
 * The native kernels write in place where nobody else shares the storage, and return aliases: so every output is
 * assigned at once and no old tensor is used again.
 *
 * @param params - Float32 variables.
 * @param grads - One gradient a parameter, of its shape. Not disposed.
 * @param states - Lists as long as `params`; a list the kernel does without is left out.
 */
export function optimizerStep(
  kernel: string,
  params: readonly tf.Variable[],
  grads: readonly tf.Tensor[],
  states: readonly (readonly tf.Variable[])[],
  attrs: tf.NamedAttrMap,
): void {
  checkLists(kernel, params, grads, states);
  if (params.length === 0) return;
  const targets = [params, ...states].flat();
  const inputs = [...params, ...grads, ...states.flat()];
  // tfjs's own Concat and Pack pass their lists the same way.
  const outputs = tf.engine().runKernel<tf.Tensor[]>(kernel, inputs as unknown as tf.NamedTensorMap, attrs);
  targets.forEach((target, i) => {
    target.assign(outputs[i]);
    outputs[i].dispose();
  });
}

function checkLists(
  kernel: string,
  params: readonly tf.Variable[],
  grads: readonly tf.Tensor[],
  states: readonly (readonly tf.Variable[])[],
) {
  for (const list of [grads, ...states]) {
    if (list.length !== params.length) {
      throw new RangeError(
        `${kernel}: ${params.length} parameters came with a list of ${list.length}. ` +
          'Pass one gradient and one of each state for every parameter, in the same order.',
      );
    }
    params.forEach((param, i) => {
      if (!tf.util.arraysEqual(param.shape, list[i].shape) || list[i].dtype !== 'float32') {
        throw new TypeError(
          `${kernel}: ${param.name} is float32 [${param.shape}], but its ${list === grads ? 'gradient' : 'state'} is ` +
            `${list[i].dtype} [${list[i].shape}]. Pass the lists in the order of the parameters.`,
        );
      }
    });
  }
}
