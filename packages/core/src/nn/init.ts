// He et al., "Delving Deep into Rectifiers", ICCV 2015, arXiv:1502.01852, section 2.2 (kaiming);
// Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010 (xavier).
import * as tf from '@tensorflow/tfjs-core';
import type {Random} from '../random.js';

/**
 * Makes the first value of a parameter. Shapes as the modules keep them: filters `[kh, kw, in / groups, out]`,
 * matrices `[out, in]`. The caller owns the tensor, float32.
 */
export type Initializer = <R extends tf.Rank>(shape: tf.ShapeMap[R], random: Random) => tf.Tensor<R>;

export interface KaimingOptions {
  /** Whether the variance is kept on the way forward (`fanIn`) or backward (`fanOut`). @defaultValue 'fanIn' */
  mode?: 'fanIn' | 'fanOut';
  /** What the activation after the layer does to the spread, from {@link gain}. @defaultValue `gain('relu')`, √2 */
  gain?: number;
}

/** How much an activation narrows a distribution, so how much wider its weights should start. */
export function gain(activation: 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu', slope = 0.01): number {
  switch (activation) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + slope ** 2));
    default:
      return 1;
  }
}

/** All values the same. */
export const constant = (value: number): Initializer => filled(values => values.fill(value));
export const zeros: Initializer = constant(0);
export const ones: Initializer = constant(1);

/** Uniform in `[low, high)`. */
export const uniform = (low: number, high: number): Initializer =>
  filled((values, _, random) => random.fillUniform(values, low, high));

/** Normal. @defaultValue `mean` 0, `std` 1 */
export const normal = (mean = 0, std = 1): Initializer =>
  filled((values, _, random) => random.fillNormal(values, mean, std));

/** Normal, drawn again outside of `mean ± limit · std`. @defaultValue `mean` 0, `std` 1, `limit` 2 */
export const truncatedNormal = (mean = 0, std = 1, limit = 2): Initializer =>
  filled((values, _, random) => {
    const next = normals(random);
    for (let i = 0; i < values.length; i++) {
      let value = next();
      while (Math.abs(value) > limit) value = next();
      values[i] = mean + std * value;
    }
  });

/** He's initialisation, normal: standard deviation `gain / √fan`. */
export const kaimingNormal = ({mode = 'fanIn', gain: g = Math.SQRT2}: KaimingOptions = {}): Initializer =>
  filled((values, shape, random) => random.fillNormal(values, 0, g / Math.sqrt(fans(shape)[mode])));

/** He's initialisation, uniform: within `± gain · √(3 / fan)`. */
export const kaimingUniform = ({mode = 'fanIn', gain: g = Math.SQRT2}: KaimingOptions = {}): Initializer =>
  filled((values, shape, random) => fillSymmetric(values, random, g * Math.sqrt(3 / fans(shape)[mode])));

/** Glorot's initialisation, normal: standard deviation `gain · √(2 / (fanIn + fanOut))`. @defaultValue gain 1 */
export const xavierNormal = (g = 1): Initializer =>
  filled((values, shape, random) => random.fillNormal(values, 0, g * Math.sqrt(2 / fans(shape).sum)));

/** Glorot's initialisation, uniform: within `± gain · √(6 / (fanIn + fanOut))`. @defaultValue gain 1 */
export const xavierUniform = (g = 1): Initializer =>
  filled((values, shape, random) => fillSymmetric(values, random, g * Math.sqrt(6 / fans(shape).sum)));

/** PyTorch's default for the weights of convolutions and linear layers: uniform within `± 1 / √fanIn`. */
export const defaultWeight: Initializer = kaimingUniform({gain: gain('leakyRelu', Math.sqrt(5))});

/** PyTorch's default for their biases: uniform within `± 1 / √fanIn` of the weight. */
export const defaultBias = (weightShape: readonly number[]): Initializer => {
  const bound = 1 / Math.sqrt(fans(weightShape).fanIn);
  return uniform(-bound, bound);
};

/**
 * The filter by which a transposed convolution of stride `⌈(k − 1) / 2⌉` interpolates between pixels, each channel for
 * itself: the start of the upsampling layers of arXiv:1411.4038, section 3.3. For `[kh, kw, C, C]`, or `[kh, kw, 1, C]`
 * with a group for each channel.
 *
 * @throws TypeError if the channels that go in are not those that come out.
 */
export const bilinear: Initializer = filled((values, shape) => {
  const [height, width, out, inputs] = shape;
  if (shape.length !== 4 || (out !== inputs && out !== 1)) {
    throw new TypeError(
      `init.bilinear: expected a filter [kh, kw, C, C] or [kh, kw, 1, C], got shape [${shape}]. It interpolates each channel for itself.`,
    );
  }
  const [rows, columns] = [hat(height), hat(width)];
  for (let channel = 0; channel < inputs; channel++) {
    const to = out === 1 ? 0 : channel;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        values[((channel * height + y) * width + x) * out + to] = rows[y] * columns[x];
      }
    }
  }
});

/** The weights of a linear interpolation, the largest in the middle. */
function hat(size: number): number[] {
  const reach = Math.floor((size + 1) / 2);
  const middle = size % 2 ? reach - 1 : reach - 0.5;
  return Array.from({length: size}, (_, i) => 1 - Math.abs(i - middle) / reach);
}

/** Inputs that feed one output, outputs that one input feeds. */
function fans(shape: readonly number[]): {fanIn: number; fanOut: number; sum: number} {
  let fanIn: number;
  let fanOut: number;
  if (shape.length === 4) {
    const [height, width, inputs, outputs] = shape;
    [fanIn, fanOut] = [height * width * inputs, height * width * outputs];
  } else if (shape.length === 2) {
    [fanOut, fanIn] = shape;
  } else {
    throw new TypeError(
      `init: only filters [kh, kw, in, out] and matrices [out, in] have a fan, got shape [${shape}]. Use normal, uniform or constant.`,
    );
  }
  return {fanIn, fanOut, sum: fanIn + fanOut};
}

type Fill = (values: Float32Array, shape: readonly number[], random: Random) => void;

/** Draws in PyTorch's order, output channel first, so that filters lie as the torch engine wants them. */
function filled(fill: Fill): Initializer {
  return <R extends tf.Rank>(shape: tf.ShapeMap[R], random: Random) => {
    const values = new Float32Array(tf.util.sizeFromShape(shape));
    fill(values, shape, random);
    if (shape.length !== 4) return tf.tensor(values, shape);
    const [height, width, inputs, outputs] = shape;
    return tf.tidy(() =>
      tf.transpose(tf.tensor4d(values, [outputs, height, width, inputs]), [1, 2, 3, 0]),
    ) as tf.Tensor<R>;
  };
}

const fillSymmetric = (values: Float32Array, random: Random, bound: number) =>
  random.fillUniform(values, -bound, bound);

/** Box & Muller's pairs, both used. */
function normals(random: Random): () => number {
  const pair = new Float32Array(2);
  let left = 0;
  return () => {
    if (left === 0) {
      random.fillNormal(pair, 0, 1);
      left = 2;
    }
    return pair[2 - left--];
  };
}
