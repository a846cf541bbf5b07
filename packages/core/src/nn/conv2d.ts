import * as tf from '@tensorflow/tfjs-core';
import {conv2d} from '../ops/conv2d.js';
import {type FusedConv2dOptions, fusedConv2d} from '../ops/fusedConv2d.js';
import type {Random} from '../random.js';
import {defaultRandom} from './defaultRandom.js';
import {defaultBias, defaultWeight, type Initializer} from './init.js';
import {Module} from './module.js';
import {type PaddingMode, pad2d} from './pad2d.js';
import {checkIntegers, type Pair, pair} from './pair.js';
import {parameter} from './parameter.js';

export interface Conv2dModuleOptions {
  /** Size of the filters in pixels, one number or `[height, width]`. */
  kernelSize: Pair;
  /** Steps between two windows. @defaultValue 1 */
  stride?: Pair;
  /** Pixels added on each side, as PyTorch counts them; for "same" size at stride 1 half of the kernel. @defaultValue 0 */
  padding?: Pair;
  /** What is added there. @defaultValue 'zeros' */
  paddingMode?: PaddingMode;
  /** Distance between the taps of a filter. @defaultValue 1 */
  dilation?: Pair;
  /** Groups of channels that are convolved apart; `inputs` of them for a depthwise convolution. @defaultValue 1 */
  groups?: number;
  /** @defaultValue true */
  bias?: boolean;
  /** Start of the filters. @defaultValue PyTorch's, uniform within `± 1 / √fanIn` */
  init?: Initializer;
  /** Where the start is drawn from. @defaultValue the stream of {@link defaultRandom} */
  random?: Random;
}

/** What may follow a convolution in the same pass: see {@link fusedConv2d}. */
export type ConvolutionEnd = Pick<FusedConv2dOptions, 'norm' | 'residual' | 'activation' | 'slope'>;

/**
 * Convolution of images with learned filters. `weight` is `[kh, kw, inputs / groups, outputs]`, `bias` `[outputs]`.
 *
 * @throws RangeError if an option is out of range.
 */
export class Conv2d extends Module {
  readonly weight: tf.Variable<tf.Rank.R4>;
  readonly bias: tf.Variable<tf.Rank.R1> | null;
  readonly paddingMode: PaddingMode;
  readonly padding: [number, number];
  readonly stride: [number, number];
  readonly dilation: [number, number];
  readonly groups: number;

  constructor(
    inputs: number,
    outputs: number,
    {
      kernelSize,
      stride = 1,
      padding = 0,
      paddingMode = 'zeros',
      dilation = 1,
      groups = 1,
      bias = true,
      init = defaultWeight,
      random = defaultRandom(),
    }: Conv2dModuleOptions,
  ) {
    super();
    checkIntegers('Conv2d', {inputs, outputs, kernelSize, stride, dilation, groups}, 1);
    checkIntegers('Conv2d', {padding}, 0);
    if (inputs % groups || outputs % groups) {
      throw new RangeError(
        `Conv2d: groups must divide inputs and outputs; got ${groups} groups, ${inputs} inputs and ${outputs} outputs.`,
      );
    }
    const shape: [number, number, number, number] = [...pair(kernelSize), inputs / groups, outputs];
    this.weight = parameter(init<tf.Rank.R4>(shape, random));
    this.bias = bias ? parameter(defaultBias(shape)<tf.Rank.R1>([outputs], random)) : null;
    this.paddingMode = paddingMode;
    this.padding = pair(padding);
    this.stride = pair(stride);
    this.dilation = pair(dilation);
    this.groups = groups;
  }

  /**
   * @param x - `[N, H, W, inputs]` float32.
   * @param then - What else happens in the same pass.
   * @returns `[N, H', W', outputs]`, sizes rounded down as in PyTorch.
   */
  forward(x: tf.Tensor4D, then?: ConvolutionEnd): tf.Tensor4D {
    const {padding, paddingMode} = this;
    if (paddingMode === 'zeros') return this.#convolve(x, padding, then);
    const padded = pad2d(x, padding, paddingMode);
    const y = this.#convolve(padded, 0, then);
    padded.dispose();
    return y;
  }

  #convolve(x: tf.Tensor4D, padding: Pair, then: ConvolutionEnd | undefined): tf.Tensor4D {
    const {weight, bias, stride, dilation, groups} = this;
    if (tf.engine().isTapeOn() && !then) return conv2d(x, weight, bias, {stride, padding, dilation, groups});
    // For prediction the engine may keep its own form of the filters.
    const {norm = null, residual = null, activation = 'linear', slope = 0.1} = then ?? {};
    const options = {bias, norm, residual, activation, slope, stride, padding, dilation, groups};
    return fusedConv2d(x, weight, options);
  }
}
