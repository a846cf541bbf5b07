import * as tf from '@tensorflow/tfjs-core';
import {
  LocalResponseNorm,
  type LocalResponseNormAttrs,
  LocalResponseNormGrad,
} from '../../ops/localResponseNorm.js';
import {portableKernel} from './portableKernel.js';

export const localResponseNorm = portableKernel<{x: tf.Tensor4D}, LocalResponseNormAttrs>(
  LocalResponseNorm,
  ({x}, attrs) => tf.tidy(() => tf.mul(x, tf.pow(base(x, attrs), -attrs.beta))),
);

/** dx = dy · d^−β − 2αβ/size · x · Σ dy · x · d^(−β−1), the sum over the windows that hold x. */
export const localResponseNormGrad = portableKernel<
  {dy: tf.Tensor4D; x: tf.Tensor4D},
  LocalResponseNormAttrs
>(LocalResponseNormGrad, ({dy, x}, attrs) =>
  tf.tidy(() => {
    const {size, alpha, beta} = attrs;
    const d = base(x, attrs);
    const direct = tf.mul(dy, tf.pow(d, -beta));
    const [below, above] = reach(size);
    const through = windowSum(tf.div(tf.mul(direct, x), d), above, below);
    return tf.sub(direct, tf.mul(tf.mul(x, (2 * alpha * beta) / size), through));
  }),
);

const base = (x: tf.Tensor4D, {size, alpha, k}: LocalResponseNormAttrs) =>
  tf.add(tf.mul(windowSum(tf.square(x), ...reach(size)), alpha / size), k);

/** How many channels the window of one channel takes below and above it. */
const reach = (size: number): [number, number] => [Math.floor(size / 2), Math.floor((size - 1) / 2)];

/** At each channel, the sum of the `below` channels before it, itself, and the `above` after it. */
function windowSum(x: tf.Tensor4D, below: number, above: number): tf.Tensor4D {
  const padded = tf.pad(x, [
    [0, 0],
    [0, 0],
    [0, 0],
    [below, above],
  ]);
  const shifted = Array.from({length: below + 1 + above}, (_, c) => tf.slice(padded, [0, 0, 0, c], x.shape));
  return shifted.reduce((sum, next) => tf.add(sum, next));
}
