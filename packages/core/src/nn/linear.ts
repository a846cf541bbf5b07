import * as tf from '@tensorflow/tfjs-core';
import type {Random} from '../random.js';
import {checkShapes} from '../shapes.js';
import {defaultRandom} from './defaultRandom.js';
import {defaultBias, defaultWeight, type Initializer} from './init.js';
import {Module} from './module.js';
import {checkIntegers} from './pair.js';
import {parameter} from './parameter.js';

export interface LinearOptions {
  /** @defaultValue true */
  bias?: boolean;
  /** Start of the weights. @defaultValue PyTorch's, uniform within `± 1 / √inputs` */
  init?: Initializer;
  /** Where the start is drawn from. @defaultValue the stream of {@link defaultRandom} */
  random?: Random;
}

/** Scores `W x + b`: each row of `weight` `[outputs, inputs]` is the template of one output. `bias` is `[outputs]`. */
export class Linear extends Module {
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1> | null;

  constructor(
    inputs: number,
    outputs: number,
    {bias = true, init = defaultWeight, random = defaultRandom()}: LinearOptions = {},
  ) {
    super();
    checkIntegers('Linear', {inputs, outputs}, 1);
    this.weight = parameter(init<tf.Rank.R2>([outputs, inputs], random));
    this.bias = bias ? parameter(defaultBias([outputs, inputs])<tf.Rank.R1>([outputs], random)) : null;
  }

  /** @param x - `[N, inputs]` float32. @returns `[N, outputs]`. */
  forward(x: tf.Tensor2D): tf.Tensor2D {
    return linear(x, this.weight, this.bias);
  }
}

/**
 * `x Wᵀ + b`. Differentiable in all three.
 *
 * @param x - `[N, I]` float32.
 * @param weight - `[O, I]` float32.
 * @param bias - `[O]` float32, or none.
 * @returns `[N, O]` float32.
 * @throws TypeError if a shape is wrong.
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias?: tf.Tensor1D | null): tf.Tensor2D {
  const claims = {x: [x, 'N I'], weight: [weight, 'O I']} as const;
  checkShapes(
    'linear',
    bias ? {...claims, bias: [bias, 'O']} : claims,
    'Images are flattened first: flatten(x).',
  );
  return tf.tidy(() => {
    const y = multiplyByTransposed(x, weight) as tf.Tensor2D;
    return bias ? tf.add(y, bias) : y;
  });
}

/** `x Wᵀ`. Transposes first: on WebAssembly that is ten times faster than matMul's own transposition. */
const multiplyByTransposed = tf.customGrad((...args) => {
  const [x, weight, save] = args as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
  save([x, weight]);
  return {
    value: tf.matMul(x, tf.transpose(weight)) as tf.Tensor,
    gradFunc: (dy, [x, weight]) => [tf.matMul(dy, weight), tf.matMul(tf.transpose(dy), x)],
  };
});
