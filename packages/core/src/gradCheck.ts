import * as tf from '@tensorflow/tfjs-core';
import {Random} from './random.js';

export interface GradCheckOptions {
  /** The step, as a share of `max(1, |x|)`. @defaultValue 0.01 */
  epsilon?: number;
  /** The largest relative error that passes. @defaultValue 1e-3 */
  tolerance?: number;
  /** Of the random upstream gradient. @defaultValue 1 */
  seed?: number;
}

export interface GradCheckReport {
  /** Whether every element is within the tolerance. */
  passed: boolean;
  /** The largest relative error. */
  error: number;
  /** Where that is, as an index into the flat `x`, and both gradients there. */
  worst: {index: number; analytical: number; numerical: number};
  /** What backpropagation gives, in the order of the flat `x`. */
  analytical: Float32Array;
  /** What differences give: slow and approximate, but hard to get wrong. */
  numerical: Float32Array;
  /** The outcome in one sentence. */
  message: string;
}

/**
 * Checks the gradient that backpropagation gives against differences of the function itself.
 *
 * The output is weighted by a random upstream gradient and summed, so that exchanged or transposed gradients do not
 * cancel. Each element of `x` moves up and down by `epsilon` and by half of it; the two central differences are
 * combined as Richardson does, `(4 · D(ε/2) − D(ε)) / 3`, which leaves an error of order ε⁴. That allows a step as
 * large as float32 needs: a small one would drown in rounding.
 *
 * The error is `|a − n| / max(|a|, |n|)`. Elements below a tenth of the largest gradient, or below what rounding
 * alone makes, are measured against that instead. Choose `x` away from kinks: near zero a ReLU has no derivative to
 * agree on. Four evaluations an element, each waited for: for small tensors.
 *
 * @param f - A function of any tensor to any tensor, float32; called many times, so it must not be random.
 * @param x - Where to check, float32. Not disposed.
 * @throws RangeError if the function gives a value that is not finite.
 */
export function gradCheck<T extends tf.Tensor>(
  f: (x: T) => tf.Tensor,
  x: T,
  {epsilon = 1e-2, tolerance = 1e-3, seed = 1}: GradCheckOptions = {},
): GradCheckReport {
  const values = x.dataSync<'float32'>().slice();
  const outputs = (at: Float32Array) =>
    tf.tidy(() => {
      const y = f(tf.tensor(at, x.shape) as T);
      return {shape: y.shape, values: y.dataSync<'float32'>()};
    });
  const start = outputs(values);
  const random = new Random(seed);
  const upstream = Float32Array.from(start.values, () => 2 * random.next() - 1);

  // Summed here, in float64: the only rounding left is that of each output.
  const loss = (at: Float32Array) => outputs(at).values.reduce((sum, y, i) => sum + y * upstream[i], 0);
  const difference = (index: number, step: number) => {
    const move = (offset: number) => {
      const moved = values.slice();
      moved[index] += offset;
      return {x: moved[index], loss: loss(moved)};
    };
    const [high, low] = [move(step), move(-step)];
    return (high.loss - low.loss) / (high.x - low.x); // x itself was rounded to float32
  };
  const numerical = values.map((value, index) => {
    const step = epsilon * Math.max(1, Math.abs(value));
    return (4 * difference(index, step / 2) - difference(index, step)) / 3;
  });
  const analytical = tf.tidy(() => {
    const dy = tf.tensor(upstream, start.shape);
    return tf
      .grad(f as (x: tf.Tensor) => tf.Tensor)(x, dy)
      .dataSync<'float32'>()
      .slice();
  });

  const magnitude = Math.hypot(...start.values.map((y, i) => y * upstream[i]));
  const rounding = (2 ** -23 * magnitude) / epsilon;
  return compare(analytical, numerical, tolerance, rounding);
}

function compare(
  analytical: Float32Array,
  numerical: Float32Array,
  tolerance: number,
  rounding: number,
): GradCheckReport {
  const largest = [...analytical, ...numerical].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const floor = Math.max(largest / 10, rounding / tolerance, Number.MIN_VALUE);
  let error = 0;
  let worst = {index: 0, analytical: analytical[0], numerical: numerical[0]};
  analytical.forEach((a, index) => {
    const n = numerical[index];
    if (!Number.isFinite(n)) {
      throw new RangeError(
        `gradCheck: the function is not finite around element ${index} of x. Move x away.`,
      );
    }
    const relative = Math.abs(a - n) / Math.max(Math.abs(a), Math.abs(n), floor);
    if (relative > error || Number.isNaN(relative)) {
      error = Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative;
      worst = {index, analytical: a, numerical: n};
    }
  });
  const message =
    `the largest relative error is ${error.toExponential(1)} (${tolerance} passes), at element ${worst.index}: ` +
    `backpropagation gives ${worst.analytical}, differences give ${worst.numerical}`;
  return {passed: error <= tolerance, error, worst, analytical, numerical, message};
}
