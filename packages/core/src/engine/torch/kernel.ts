import * as tf from '@tensorflow/tfjs-core';
import {runOnCpu} from './fallback.js';
import {freeIntermediates, run} from './run.js';
import {dataOf} from './table.js';

type TensorInfo = tf.TensorInfo;

/** What a kernel's body gets: tfjs's own names of inputs and attributes. */
export interface KernelCall<Inputs, Attrs> {
  inputs: Inputs;
  attrs: Attrs;
}

/**
 * A kernel of the torch backend from a body over `run`. What the body makes and does not return is freed; a returned
 * input is shared, not copied; a wider dtype than tfjs has (int64, float64) is narrowed. Tensors of strings take
 * tfjs's cpu kernel instead, and are counted as fallbacks.
 *
 * @param kernelName - As in tfjs-core's `kernel_names`, or of an op of our own.
 */
export function nativeKernel<Inputs = tf.NamedTensorInfoMap, Attrs = tf.NamedAttrMap>(
  kernelName: string,
  body: (call: KernelCall<Inputs, Attrs>) => TensorInfo | TensorInfo[],
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'torch',
    kernelFunc: call => {
      if (hasStrings(call.inputs)) return runOnCpu(kernelName, call);
      const {inputs, attrs} = call as unknown as KernelCall<Inputs, Attrs>;
      return freeIntermediates(() => {
        const results = body({inputs, attrs: attrs ?? ({} as Attrs)});
        return Array.isArray(results)
          ? results.map(result => presentable(result, call.inputs))
          : presentable(results, call.inputs);
      });
    },
  };
}

/** Registers kernels with tfjs; one that was there before is replaced. */
export function registerKernels(kernels: readonly tf.KernelConfig[]): void {
  for (const kernel of kernels) {
    if (tf.getKernel(kernel.kernelName, kernel.backendName))
      tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    tf.registerKernel(kernel);
  }
}

function hasStrings(inputs: tf.NamedTensorInfoMap): boolean {
  for (const key in inputs) if (inputs[key]?.dtype === 'string') return true;
  return false;
}

/** A body's result as tfjs may hold it. */
function presentable(result: TensorInfo, inputs: tf.NamedTensorInfoMap): TensorInfo {
  const data = dataOf(result.dataId);
  for (const name in inputs) {
    if (inputs[name]?.dataId !== result.dataId) continue;
    data.refCount++;
    return {dataId: result.dataId, shape: result.shape, dtype: result.dtype};
  }
  switch (data.native) {
    case 6: // float32
    case 3: // int32
    case 11: // bool
    case 9: // complex64
    case -1:
      return result;
  }
  return run('aten::to.dtype', result, result.dtype);
}
