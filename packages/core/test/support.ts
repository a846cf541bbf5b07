import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type {ExecutionContext} from 'ava';
import {fallbacks} from '../src/engine/fallbacks.js';
import {selectEngine} from '../src/engine/selectEngine.js';
import {gradCheck as checkGradient, type GradCheckOptions} from '../src/gradCheck.js';

/** Largest difference allowed, as a share of the largest expected value (or of 1, where all are zero). */
export const tolerances = {
  /** A forward pass against a closed form or PyTorch. */
  forward: 1e-5,
  /** A gradient against PyTorch. */
  gradient: 1e-4,
  /** A gradient against central differences in float32. */
  numeric: 1e-3,
} as const;

/** Before the tests of a file: the engine that FOVEAL_ENGINE names, with our ops and their gradients. */
export async function registerOps(): Promise<void> {
  await selectEngine();
}

/** Asserts equal shapes, and values within `tolerance` of the expected tensor's scale. */
export function closeTo(
  t: ExecutionContext<unknown>,
  actual: tf.Tensor,
  expected: tf.Tensor,
  {tolerance = tolerances.forward, message = ''}: {tolerance?: number; message?: string} = {},
): void {
  t.deepEqual(actual.shape, expected.shape, message);
  const [got, wanted] = [actual, expected].map(tensor => tensor.dataSync<'float32'>());
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  for (let i = 0; i < wanted.length; i++) {
    const near = Math.abs(got[i] - wanted[i]) <= tolerance * scale;
    if (near || Object.is(got[i], wanted[i])) continue;
    t.fail(
      `${message && `${message}: `}value ${i} is ${got[i]}, expected ${wanted[i]} ± ${tolerance * scale}`,
    );
    return;
  }
  t.pass();
}

/** After the tests of a file: on torch, every kernel they reached was native. */
export function noFallbacks(t: ExecutionContext<unknown>): void {
  t.deepEqual(fallbacks(), {});
}

/** Asserts that `run` leaves behind only the tensors it returns. */
export function keepsOnlyResults(t: ExecutionContext<unknown>, run: () => tf.TensorContainer): void {
  const before = tf.memory().numTensors;
  const results = tf.tensor_util.getTensorsInContainer(run());
  t.is(tf.memory().numTensors - before, results.length);
  tf.dispose(results);
}

/** Zeros of a shape or dtype that the types would not let pass, for tests of errors. */
export const wrong = (shape: number[], dtype?: tf.DataType) => tf.zeros(shape, dtype) as never;

/** Numbers in [-1, 1), the same on every engine and in every run. */
export function noise<R extends tf.Rank>(shape: tf.ShapeMap[R], seed = 1): tf.Tensor<R> {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  let state = seed >>> 0;
  for (let i = 0; i < values.length; i++) {
    // Knuth's linear congruential generator; its upper bits are the good ones.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state >>> 8) / 2 ** 23 - 1;
  }
  return tf.tensor(values, shape) as tf.Tensor<R>;
}

/** Asserts that backpropagation through `f` agrees with differences of `f` at `x`. */
export function gradCheck<T extends tf.Tensor>(
  t: ExecutionContext<unknown>,
  f: (x: T) => tf.Tensor,
  x: T,
  options?: GradCheckOptions,
): void {
  const report = checkGradient(f, x, {tolerance: tolerances.numeric, ...options});
  t.true(report.passed, report.message);
}

/** One case of a file in fixtures/golden: what PyTorch makes of the inputs. */
export interface Golden<Options, Inputs extends string, Outputs extends string> {
  name: string;
  options: Options;
  inputs: Record<Inputs, GoldenTensor>;
  outputs: Record<Outputs, GoldenTensor>;
}
export interface GoldenTensor {
  shape: number[];
  values: number[];
}

/** Reads `fixtures/golden/<name>.json`. */
export function golden<Case>(name: string): Case[] {
  const file = new URL(`../../../fixtures/golden/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Case[];
}

/** A golden array as a tensor. */
export function tensor<T extends tf.Tensor>(
  {shape, values}: GoldenTensor,
  dtype: tf.DataType = 'float32',
): T {
  return tf.tensor(values, shape, dtype) as T;
}
