// Pearson, "On lines and planes of closest fit to systems of points in space", Philosophical Magazine 2, 1901;
// Hotelling, "Analysis of a complex of statistical variables into principal components", 1933.
import {checkShapes} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {symmetricEigen} from './symmetricEigen.js';

/** The directions in which data spreads most: the best linear code there is. The owner disposes it. */
export class Pca {
  /** `[D]` float32: the mean of the data. */
  readonly mean: tf.Tensor1D;
  /** `[components, D]` float32: unit vectors, the one of the largest variance first. The largest value of each is positive. */
  readonly components: tf.Tensor2D;
  /** Variance of the data along every direction there is, not only those kept; sums over N − 1, the largest first. */
  readonly variances: Float64Array;

  constructor(mean: tf.Tensor1D, components: tf.Tensor2D, variances: Float64Array) {
    this.mean = mean;
    this.components = components;
    this.variances = variances;
  }

  /** @param data - `[N, D]` float32. @returns codes `[N, components]`. Differentiable. */
  encode(data: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.matMul(tf.sub(data, this.mean) as tf.Tensor2D, this.components, false, true));
  }

  /** @param codes - `[N, components]` float32. @returns `[N, D]`. Differentiable. */
  decode(codes: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.add(tf.matMul(codes, this.components), this.mean));
  }

  /** Frees mean and components. */
  dispose(): void {
    tf.dispose([this.mean, this.components]);
  }
}

/**
 * Principal components of data, from its covariance.
 *
 * @param data - `[N, D]` float32, N of at least 2: a row for each image, `flatten(images)`.
 * @param components - How many are kept, from 1 to D.
 * @throws TypeError if the shape is wrong; RangeError if there are too few rows, or another number of components.
 */
export async function pca(data: tf.Tensor2D, components: number): Promise<Pca> {
  checkShapes('pca', {data: [data, 'N D']}, 'Images are flattened first: flatten(images).');
  const [count, size] = data.shape;
  if (count < 2) throw new RangeError(`pca: expected at least 2 rows, got ${count}.`);
  if (!(Number.isInteger(components) && components >= 1 && components <= size)) {
    throw new RangeError(
      `pca: expected from 1 to ${size} components, as the data has columns; got ${components}.`,
    );
  }
  const [mean, covariance] = tf.tidy(() => {
    const mean = tf.mean(data, 0) as tf.Tensor1D;
    const centred = tf.sub(data, mean) as tf.Tensor2D;
    return [mean, tf.div(tf.matMul(centred, centred, true), count - 1)] as const;
  });
  try {
    const {values, vectors} = symmetricEigen(await covariance.data(), size, components);
    const rows = new Float32Array(components * size);
    vectors.forEach((vector, i) => {
      const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
      for (let k = 0; k < size; k++) rows[i * size + k] = largest < 0 ? -vector[k] : vector[k];
    });
    return new Pca(mean, tf.tensor2d(rows, [components, size]), values);
  } catch (error) {
    mean.dispose();
    throw error;
  } finally {
    covariance.dispose();
  }
}
