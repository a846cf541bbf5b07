import type * as tf from '@tensorflow/tfjs-core';
import {convTranspose2d} from '../ops/convTranspose2d.js';
import type {Random} from '../random.js';
import {defaultRandom} from './defaultRandom.js';
import {defaultBias, defaultWeight, type Initializer} from './init.js';
import {Module} from './module.js';
import {checkIntegers, type Pair, pair} from './pair.js';
import {parameter} from './parameter.js';

export interface ConvTranspose2dModuleOptions {
  /** Size of the filters in pixels, one number or `[height, width]`. */
  kernelSize: Pair;
  /** By how much the image grows. @defaultValue 1 */
  stride?: Pair;
  /** Pixels cut off each side, as PyTorch counts them. @defaultValue 0 */
  padding?: Pair;
  /** Rows and columns more at the bottom and right, fewer than the stride. @defaultValue 0 */
  outputPadding?: Pair;
  /** Distance between the taps of a filter. @defaultValue 1 */
  dilation?: Pair;
  /** Groups of channels that are treated apart. @defaultValue 1 */
  groups?: number;
  /** @defaultValue true */
  bias?: boolean;
  /** Start of the filters; `init.bilinear` upsamples. @defaultValue PyTorch's, uniform within `± 1 / √fanIn` */
  init?: Initializer;
  /** Where the start is drawn from. @defaultValue the stream of {@link defaultRandom} */
  random?: Random;
}

/**
 * A transposed convolution with learned filters. `weight` is `[kh, kw, outputs / groups, inputs]`, `bias` `[outputs]`.
 *
 * @throws RangeError if an option is out of range.
 */
export class ConvTranspose2d extends Module {
  readonly weight: tf.Variable<tf.Rank.R4>;
  readonly bias: tf.Variable<tf.Rank.R1> | null;
  readonly stride: [number, number];
  readonly padding: [number, number];
  readonly outputPadding: [number, number];
  readonly dilation: [number, number];
  readonly groups: number;

  constructor(
    inputs: number,
    outputs: number,
    {
      kernelSize,
      stride = 1,
      padding = 0,
      outputPadding = 0,
      dilation = 1,
      groups = 1,
      bias = true,
      init = defaultWeight,
      random = defaultRandom(),
    }: ConvTranspose2dModuleOptions,
  ) {
    super();
    checkIntegers('ConvTranspose2d', {inputs, outputs, kernelSize, stride, dilation, groups}, 1);
    checkIntegers('ConvTranspose2d', {padding, outputPadding}, 0);
    if (inputs % groups || outputs % groups) {
      throw new RangeError(
        `ConvTranspose2d: groups must divide inputs and outputs; got ${groups} groups, ${inputs} inputs and ${outputs} outputs.`,
      );
    }
    const shape: [number, number, number, number] = [...pair(kernelSize), outputs / groups, inputs];
    this.weight = parameter(init<tf.Rank.R4>(shape, random));
    this.bias = bias ? parameter(defaultBias(shape)<tf.Rank.R1>([outputs], random)) : null;
    this.stride = pair(stride);
    this.padding = pair(padding);
    this.outputPadding = pair(outputPadding);
    this.dilation = pair(dilation);
    this.groups = groups;
  }

  /** @param x - `[N, H, W, inputs]` float32. @returns `[N, H', W', outputs]`; see {@link convTranspose2d}. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const {stride, padding, outputPadding, dilation, groups} = this;
    return convTranspose2d(x, this.weight, this.bias, {stride, padding, outputPadding, dilation, groups});
  }
}
