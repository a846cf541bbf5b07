import type {BackendWasm} from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';

export type {BackendWasm};

/** What a kernel of this engine is given: tensors by name, attributes, and the backend that holds the memory. */
export type WasmKernelFunc<Inputs, Attrs> = (
  inputs: Inputs,
  attrs: Attrs,
  backend: BackendWasm,
) => tf.TensorInfo | tf.TensorInfo[];

/**
 * A kernel in TypeScript that reads and writes the tensors of tfjs's wasm backend where they are, without a copy.
 *
 * @param run - Must make its outputs and scratch tensors before it takes a view with {@link floats}: allocating
 *   may move the memory.
 */
export function wasmKernel<Inputs, Attrs = object>(
  kernelName: string,
  run: WasmKernelFunc<Inputs, Attrs>,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({inputs, attrs, backend}) => run(inputs as Inputs, attrs as Attrs, backend as BackendWasm),
  };
}

/** The values of a float32 tensor, in place. Good until the next allocation. */
export const floats = (backend: BackendWasm, tensor: tf.TensorInfo) =>
  backend.typedArrayFromHeap(tensor) as Float32Array;

/** The values of an int32 tensor, in place. Good until the next allocation. */
export const ints = (backend: BackendWasm, tensor: tf.TensorInfo) =>
  backend.typedArrayFromHeap(tensor) as Int32Array;

/** The number by which the library knows a tensor. */
export const idOf = (backend: BackendWasm, tensor: tf.TensorInfo) => backend.dataIdMap.get(tensor.dataId).id;

/** A float32 tensor whose values are not set. */
export const allocate = (backend: BackendWasm, shape: readonly number[]) =>
  backend.makeOutput([...shape], 'float32');

/** Where a tensor begins, in floats from the start of the memory. */
export const startOf = (backend: BackendWasm, tensor: tf.TensorInfo) =>
  backend.dataIdMap.get(tensor.dataId).memoryOffset / 4;
