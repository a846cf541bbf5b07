// Hoerl & Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems", Technometrics 1970.
import {checkShapes} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Predicts `x weightᵀ + bias`; the caller owns both. */
export interface RidgeSolution {
  /** `[T, D]` float32. */
  weight: tf.Tensor2D;
  /** `[T]` float32. */
  bias: tf.Tensor1D;
}

/**
 * Minimises `‖x weightᵀ + bias − y‖² + lambda ‖weight‖²` in closed form; the bias is free. Where there are fewer examples
 * than features, the smaller of the two systems is solved.
 *
 * @param x - `[N, D]` float32.
 * @param y - `[N, T]` float32.
 * @throws TypeError if a shape is wrong; RangeError if lambda is not positive or there is no example.
 */
export async function ridgeRegression(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  lambda: number,
): Promise<RidgeSolution> {
  const {N, D, T} = checkShapes('ridgeRegression', {x: [x, 'N D'], y: [y, 'N T']});
  if (!(lambda > 0)) throw new RangeError(`ridgeRegression: lambda must be above 0, got ${lambda}.`);
  if (N === 0) throw new RangeError('ridgeRegression: there is no example to learn from.');
  const dual = N < D;
  const {xMean, yMean, centred, gram, right} = tf.tidy(() => {
    const [xMean, yMean] = [tf.mean(x, 0), tf.mean(y, 0)];
    const [centred, target] = [tf.sub(x, xMean) as tf.Tensor2D, tf.sub(y, yMean) as tf.Tensor2D];
    const turned = tf.transpose(centred);
    const gram = dual ? tf.matMul(centred, turned) : tf.matMul(turned, centred);
    return {xMean, yMean, centred, gram, right: dual ? target : tf.matMul(turned, target)};
  });
  try {
    const [matrix, columns] = await Promise.all([gram.data<'float32'>(), right.data<'float32'>()]);
    const solved = solvePositive(matrix, columns, dual ? N : D, T, lambda);
    return tf.tidy(() => {
      const solution = tf.tensor2d(solved, [dual ? N : D, T]);
      const weight = tf.transpose(
        dual ? tf.matMul(tf.transpose(centred), solution) : solution,
      ) as tf.Tensor2D;
      const shift = tf.reshape(tf.matMul(weight, tf.reshape(xMean, [D, 1])), [T]);
      return {weight, bias: tf.sub(yMean, shift) as tf.Tensor1D};
    });
  } finally {
    tf.dispose([xMean, yMean, centred, gram, right]);
  }
}

/** Solves `(A + lambda I) X = B` by Cholesky's factors, in float64. A is `[n, n]`, symmetric; B and X are `[n, t]`. */
function solvePositive(a: Float32Array, b: Float32Array, n: number, t: number, lambda: number): Float32Array {
  const lower = Float64Array.from(a);
  for (let i = 0; i < n; i++) lower[i * n + i] += lambda;
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    for (let i = j; i < n; i++) {
      const rowI = i * n;
      let sum = lower[rowI + j];
      for (let k = 0; k < j; k++) sum -= lower[rowI + k] * lower[rowJ + k];
      // Rounding of the float32 products is far below lambda; the floor only keeps a NaN away.
      lower[rowI + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[rowJ + j];
    }
  }
  const x = Float64Array.from(b);
  for (let c = 0; c < t; c++) {
    for (let i = 0; i < n; i++) {
      let sum = x[i * t + c];
      for (let k = 0; k < i; k++) sum -= lower[i * n + k] * x[k * t + c];
      x[i * t + c] = sum / lower[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i * t + c];
      for (let k = i + 1; k < n; k++) sum -= lower[k * n + i] * x[k * t + c];
      x[i * t + c] = sum / lower[i * n + i];
    }
  }
  return Float32Array.from(x);
}
