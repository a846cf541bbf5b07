import type * as tf from '@tensorflow/tfjs-core';
import {BatchNormEval, type BatchNormEvalAttrs} from '../../../ops/batchNorm.js';
import {BatchNormTrain, type BatchNormTrainAttrs, BatchNormTrainGrad} from '../../../ops/batchNormTrain.js';
import {allocate, floats, wasmKernel} from '../wasmKernel.js';

type Names = 'x' | 'gamma' | 'beta' | 'mean' | 'variance';

/**
 * Batch norm as loops over the memory, two passes forward and two back: composed of the library's kernels it takes
 * eight to ten, most of them slow, since broadcasting a channel costs the library 3 ns a value.
 */
export const batchNormKernels: tf.KernelConfig[] = [
  wasmKernel<Record<'x' | 'gamma' | 'beta', tf.TensorInfo>, BatchNormTrainAttrs>(
    BatchNormTrain,
    ({x, gamma, beta}, {epsilon, relu}, backend) => {
      const channels = gamma.shape[0];
      const results = [x.shape, [channels], [channels]].map(shape => allocate(backend, shape));
      const [y, mean, variance] = results.map(result => floats(backend, result));
      const values = floats(backend, x);
      moments(values, mean, variance);
      const forward = affine(floats(backend, gamma), floats(backend, beta), mean, variance, epsilon);
      applyAffine(values, y, forward, relu);
      return results;
    },
  ),
  wasmKernel<Record<Names | 'dy', tf.TensorInfo>, BatchNormTrainAttrs>(
    BatchNormTrainGrad,
    ({dy, x, gamma, beta, mean, variance}, {epsilon, relu}, backend) => {
      const channels = gamma.shape[0];
      const results = [x.shape, [channels], [channels]].map(shape => allocate(backend, shape));
      const [dx, dGamma, dBeta] = results.map(result => floats(backend, result));
      const [upstream, values, scales] = [dy, x, gamma].map(tensor => floats(backend, tensor));
      const [shifts, means, variances] = [beta, mean, variance].map(tensor => floats(backend, tensor));
      const forward = affine(scales, shifts, means, variances, epsilon);
      const {sums, products} = reduceUpstream(upstream, values, forward, relu);

      // dx = γ/σ · (g − Σg/n − x̂ · Σ(g·x̂)/n), written as a·g + b·x + c for each channel.
      const count = values.length / channels;
      const [a, b, c] = [0, 1, 2].map(() => new Float64Array(channels));
      for (let channel = 0; channel < channels; channel++) {
        const inverse = 1 / Math.sqrt(variances[channel] + epsilon);
        const along = (products[channel] - sums[channel] * means[channel]) * inverse;
        dGamma[channel] = along;
        dBeta[channel] = sums[channel];
        a[channel] = scales[channel] * inverse;
        b[channel] = (-a[channel] * along * inverse) / count;
        c[channel] = (-a[channel] * sums[channel]) / count - b[channel] * means[channel];
      }
      combine(upstream, values, dx, forward, {a, b, c}, relu);
      return results;
    },
  ),
  wasmKernel<Record<Names, tf.TensorInfo>, BatchNormEvalAttrs>(
    BatchNormEval,
    ({x, gamma, beta, mean, variance}, {epsilon, relu}, backend) => {
      const result = allocate(backend, x.shape);
      const [scales, shifts, means] = [gamma, beta, mean].map(tensor => floats(backend, tensor));
      const forward = affine(scales, shifts, means, floats(backend, variance), epsilon);
      applyAffine(floats(backend, x), floats(backend, result), forward, relu);
      return result;
    },
  ),
];

interface Affine {
  scale: Float64Array;
  shift: Float64Array;
}

/** `y = scale · x + shift` for each channel. */
function affine(
  gamma: Float32Array,
  beta: Float32Array,
  mean: Float32Array,
  variance: Float32Array,
  epsilon: number,
): Affine {
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + epsilon));
  const shift = Float64Array.from(beta, (value, c) => value - mean[c] * scale[c]);
  return {scale, shift};
}

// The loops below go through a block of rows channel by channel: what belongs to the channel stays in registers, and
// the block in the cache. They choose by arithmetic: a branch on the sign of noise costs more than all else.
const rowsInBlock = 256;

function applyAffine(x: Float32Array, y: Float32Array, {scale, shift}: Affine, relu: boolean) {
  const channels = scale.length;
  const [fold, weight] = relu ? [1, 0.5] : [0, 1]; // (v + |v|) / 2 is the ReLU
  for (let block = 0; block < x.length; block += rowsInBlock * channels) {
    const end = Math.min(block + rowsInBlock * channels, x.length);
    for (let c = 0; c < channels; c++) {
      const [a, b] = [scale[c], shift[c]];
      for (let i = block + c; i < end; i += channels) {
        const value = x[i] * a + b;
        y[i] = (value + fold * Math.abs(value)) * weight;
      }
    }
  }
}

/** Mean and biased variance; sums in float64 leave the subtraction of squares exact enough for float32 data. */
function moments(x: Float32Array, mean: Float32Array, variance: Float32Array) {
  const channels = mean.length;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let block = 0; block < x.length; block += rowsInBlock * channels) {
    const end = Math.min(block + rowsInBlock * channels, x.length);
    for (let c = 0; c < channels; c++) {
      let [sum, square] = [0, 0];
      for (let i = block + c; i < end; i += channels) {
        const value = x[i];
        sum += value;
        square += value * value;
      }
      sums[c] += sum;
      squares[c] += square;
    }
  }
  const count = x.length / channels;
  for (let c = 0; c < channels; c++) {
    const average = sums[c] / count;
    mean[c] = average;
    variance[c] = Math.max(0, squares[c] / count - average * average);
  }
}

/** Per channel Σ g and Σ g·x, g being `dy` where the ReLU was open. */
function reduceUpstream(dy: Float32Array, x: Float32Array, {scale, shift}: Affine, relu: boolean) {
  const channels = scale.length;
  const sums = new Float64Array(channels);
  const products = new Float64Array(channels);
  const closed = relu ? 0 : Number.NEGATIVE_INFINITY;
  for (let block = 0; block < x.length; block += rowsInBlock * channels) {
    const end = Math.min(block + rowsInBlock * channels, x.length);
    for (let channel = 0; channel < channels; channel++) {
      const [a, b] = [scale[channel], shift[channel]];
      let [sum, product] = [0, 0];
      for (let i = block + channel; i < end; i += channels) {
        const value = x[i];
        const g = dy[i] * Number(value * a + b > closed);
        sum += g;
        product += g * value;
      }
      sums[channel] += sum;
      products[channel] += product;
    }
  }
  return {sums, products};
}

/** dx = a·g + b·x + c for each channel. */
function combine(
  dy: Float32Array,
  x: Float32Array,
  dx: Float32Array,
  {scale, shift}: Affine,
  {a, b, c}: Record<'a' | 'b' | 'c', Float64Array>,
  relu: boolean,
) {
  const channels = scale.length;
  const closed = relu ? 0 : Number.NEGATIVE_INFINITY;
  for (let block = 0; block < x.length; block += rowsInBlock * channels) {
    const end = Math.min(block + rowsInBlock * channels, x.length);
    for (let channel = 0; channel < channels; channel++) {
      const [slope, offset] = [scale[channel], shift[channel]];
      const [upstream, along, constant] = [a[channel], b[channel], c[channel]];
      for (let i = block + channel; i < end; i += channels) {
        const value = x[i];
        const open = Number(value * slope + offset > closed);
        dx[i] = upstream * dy[i] * open + along * value + constant;
      }
    }
  }
}
