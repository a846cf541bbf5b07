import type * as tf from '@tensorflow/tfjs-core';

/** A kernel that any stock tfjs engine can run: tensors in, tensors out. */
export interface PortableKernel {
  kernelName: string;
  kernelFunc: tf.KernelFunc;
  /** The engines it serves, where that is not every one. */
  engines?: readonly string[];
}

/**
 * Types a kernel by its inputs and attributes. tfjs hands kernels what it was given: real tensors, not infos.
 *
 * @param run - Runs outside the tape; leaves nothing but its results behind.
 */
export function portableKernel<Inputs, Attrs>(
  kernelName: string,
  run: (inputs: Inputs, attrs: Attrs) => tf.Tensor | tf.Tensor[],
  engines?: readonly string[],
): PortableKernel {
  const kernelFunc: tf.KernelFunc = ({inputs, attrs}) => run(inputs as Inputs, attrs as Attrs);
  return {kernelName, kernelFunc, ...(engines && {engines})};
}
