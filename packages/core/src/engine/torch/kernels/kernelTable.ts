import type * as tf from '@tensorflow/tfjs-core';

/** What a tfjs kernel computes, from its inputs and attributes. */
export type NativeKernel = (
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap,
) => tf.TensorInfo | tf.TensorInfo[];

/** Kernels by the names that tfjs gives them. */
export type KernelTable = Record<string, NativeKernel>;

/** tfjs declares every input as if it could be missing; only those marked optional are. */
type Given<Inputs> = {[Name in keyof Inputs]: Exclude<Inputs[Name], undefined>};

/** Types a kernel by tfjs's own declarations of its inputs and attributes. */
export const kernel = <Inputs, Attrs = object>(
  compute: (inputs: Given<Inputs>, attrs: Attrs) => tf.TensorInfo | tf.TensorInfo[],
): NativeKernel => compute as unknown as NativeKernel;
