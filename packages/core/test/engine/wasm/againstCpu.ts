import * as tf from '@tensorflow/tfjs-core';
import type {ExecutionContext} from 'ava';
import fc from 'fast-check';
import {selectEngine} from '../../../src/engine/selectEngine.js';
import {closeTo, keepsOnlyResults, noise} from '../../support.js';

/** Called before the tests of a file: both engines with all their kernels. */
export async function bothEngines(): Promise<void> {
  process.env['FOVEAL_THREADS'] ??= '1'; // ava already runs a file on each core
  await selectEngine('cpu');
  await selectEngine('wasm');
}

/** Switches at once: an await in between would let another test of the file switch back. */
export function use(engine: 'cpu' | 'wasm'): void {
  void tf.setBackend(engine);
  if (tf.getBackend() !== engine) throw new Error(`bothEngines() has to run before "${engine}" is used`);
}

export interface KernelCase {
  kernel: string;
  /** Shapes of float32 noise, or integers as they are. */
  inputs: Record<string, number[] | Int32Array | (() => tf.Tensor)>;
  attrs: Record<string, unknown>;
}

/** Asserts that wasm's kernel gives what cpu's does, for many random cases, and leaves nothing else behind. */
export function agreesWithCpu(
  t: ExecutionContext<unknown>,
  cases: fc.Arbitrary<KernelCase>,
  {runs = 60, tolerance = 1e-5} = {},
): void {
  fc.assert(
    fc.property(cases, ({kernel, inputs, attrs}) => {
      use('wasm');
      const made = Object.entries(inputs).map(([name, value], i) => [name, make(value, i)] as const);
      const tensors = (
        Array.isArray(inputs) ? made.map(([, tensor]) => tensor) : Object.fromEntries(made)
      ) as tf.NamedTensorMap;
      const run = () =>
        tf.engine().runKernel(kernel, tensors, attrs as tf.NamedAttrMap) as tf.TensorContainer;
      keepsOnlyResults(t, run);
      const ours = tf.tensor_util.getTensorsInContainer(run());
      ours.forEach(result => {
        result.dataSync();
      });
      use('cpu');
      const theirs = tf.tensor_util.getTensorsInContainer(run());
      const message = `${kernel} ${JSON.stringify({inputs, attrs})}`;
      if (ours.length !== theirs.length) t.fail(message);
      theirs.forEach((expected, i) => {
        if (ours[i].dtype !== expected.dtype) t.fail(message);
        closeTo(t, ours[i], expected, {tolerance, message});
      });
      tf.dispose([ours, theirs, tensors]);
      return t.passed;
    }),
    {numRuns: runs, seed: 20, endOnFailure: true},
  );
}

function make(value: KernelCase['inputs'][string], seed: number): tf.Tensor {
  if (typeof value === 'function') return value();
  if (value instanceof Int32Array) return tf.tensor1d(value, 'int32');
  return noise(value as never, seed + 1) as tf.Tensor;
}

/** A size of 1 to `most`. */
export const size = (most: number) => fc.integer({min: 1, max: most});
