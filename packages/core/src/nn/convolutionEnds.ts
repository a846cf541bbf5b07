import * as tf from '@tensorflow/tfjs-core';
import {addRelu} from '../ops/addRelu.js';
import type {BatchNorm2d} from './batchNorm2d.js';
import type {Conv2d, ConvolutionEnd} from './conv2d.js';
import type {FrozenBatchNorm2d} from './frozenBatchNorm2d.js';
import type {Module} from './module.js';

/** A layer that can do its work while a convolution before it stores its results. */
export interface EndsConvolution {
  /** What it does there; null if it cannot now, as a norm that learns cannot. */
  convolutionEnd(): ConvolutionEnd | null;
}

/** Whether nothing is lost if layers run as one: no gradient is recorded, and nobody watches what one of them gives. */
const mayMerge = (...layers: readonly Module[]): boolean =>
  !tf.engine().isTapeOn() && !layers.some(layer => Object.hasOwn(layer, 'forward'));

/**
 * What layers right behind a convolution do in its pass: a norm, an activation, or one after the other.
 *
 * @returns that, and how many layers it stands for.
 */
export function convolutionEnds(conv: Conv2d, behind: readonly Module[]): [ConvolutionEnd, number] {
  let end: ConvolutionEnd = {};
  let count = 0;
  for (const layer of behind) {
    const next = 'convolutionEnd' in layer ? (layer as Module & EndsConvolution).convolutionEnd() : null;
    if (!next || end.activation || (next.norm && end.norm) || !mayMerge(conv, layer)) break;
    end = {...end, ...next};
    count++;
  }
  return [end, count];
}

export interface ConvNormOptions {
  /** @defaultValue false */
  relu?: boolean;
  /** `[N, H', W', K]` float32, added before a ReLU, which there is then in any case. */
  residual?: tf.Tensor4D;
}

/**
 * A convolution and its batch norm, and what follows them: in one pass over memory for prediction.
 *
 * @param x - `[N, H, W, C]` float32.
 * @returns `[N, H', W', K]`.
 */
export function convNorm(
  conv: Conv2d,
  norm: BatchNorm2d | FrozenBatchNorm2d,
  x: tf.Tensor4D,
  {relu = false, residual}: ConvNormOptions = {},
): tf.Tensor4D {
  const end = mayMerge(conv, norm) ? norm.convolutionEnd() : null;
  if (end) {
    const activation = relu || residual ? {activation: 'relu' as const} : {};
    return conv.forward(x, {...end, ...activation, residual: residual ?? null});
  }
  return tf.tidy(() => {
    const y = norm.forward(conv.forward(x), {relu: relu && !residual});
    return residual ? addRelu(y, residual) : y;
  });
}
