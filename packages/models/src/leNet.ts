// LeNet-5: LeCun et al., "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE 1998, section II.B, figure 2.
import {
  AvgPool2d,
  Conv2d,
  defaultRandom,
  flatten,
  init,
  type Layer,
  Linear,
  MaxPool2d,
  Module,
  type Random,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';

export interface LeNetOptions {
  /** @defaultValue 10 */
  numClasses?: number;
  /** `tanh` is the paper's `1.7159 tanh(2x / 3)`. @defaultValue 'tanh' */
  activation?: 'tanh' | 'relu';
  /** What the subsampling layers take of each 2×2 window; the paper's is the mean. @defaultValue 'average' */
  pooling?: 'average' | 'max';
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * LeNet-5, 61,706 parameters, for grey images of 28 × 28. Its layers are called as in figure 2.
 *
 * Deviation: S2 and S4 have no coefficients and no squashing of their own, C3 sees all maps of S2 (not those of
 * table I), and the output is linear for a softmax (not radial basis functions), as is usual since.
 */
export class LeNet extends Module implements Backbone {
  readonly c1: Conv2d;
  readonly c3: Conv2d;
  readonly c5: Linear;
  readonly f6: Linear;
  readonly output: Linear;
  readonly featureMaps: readonly FeatureMap[] = [
    {layer: 'c1', channels: 6, stride: 1},
    {layer: 'c3', channels: 16, stride: 2},
  ];
  readonly pool: Layer;
  readonly activation: 'tanh' | 'relu';

  constructor({
    numClasses = 10,
    activation = 'tanh',
    pooling = 'average',
    random = defaultRandom(),
  }: LeNetOptions = {}) {
    super();
    const start = {
      random,
      init: activation === 'relu' ? init.kaimingNormal() : init.kaimingNormal({gain: 1}),
    };
    // The paper centres the 28 × 28 digits in 32 × 32 pixels; padding by 2 is the same.
    this.c1 = new Conv2d(1, 6, {kernelSize: 5, padding: 2, ...start});
    this.c3 = new Conv2d(6, 16, {kernelSize: 5, ...start});
    this.c5 = new Linear(16 * 5 * 5, 120, start);
    this.f6 = new Linear(120, 84, start);
    this.output = new Linear(84, numClasses, start);
    this.pool =
      pooling === 'max' ? new MaxPool2d({kernelSize: 2}) : (new AvgPool2d({kernelSize: 2}) as Layer);
    this.activation = activation;
  }

  /** @param image - `[N, 28, 28, 1]` float32, normalised. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    if (image.shape[1] !== 28 || image.shape[2] !== 28) {
      throw new TypeError(
        `LeNet: images must have shape [N, 28, 28, 1], got [${image.shape}]. Resize them first.`,
      );
    }
    return tf.tidy(() => {
      const s2 = this.pool.forward(this.squash(this.c1.forward(image))) as tf.Tensor4D;
      const s4 = this.pool.forward(this.squash(this.c3.forward(s2)));
      return this.output.forward(this.squash(this.f6.forward(this.squash(this.c5.forward(flatten(s4))))));
    });
  }

  private squash<T extends tf.Tensor>(x: T): T {
    if (this.activation === 'relu') return tf.relu(x);
    return tf.mul(tf.tanh(tf.mul(x, 2 / 3)), 1.7159);
  }
}

export const leNet5 = (options?: LeNetOptions) => new LeNet(options);
