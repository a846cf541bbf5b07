import {
  Conv2d,
  flatten,
  GlobalAvgPool2d,
  Linear,
  Module,
  type Preprocess,
  Random,
  Relu,
  Sequential,
} from '@foveal/core';
import type {Backbone} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/** Three convolutions: maps of 16 channels at stride 4, which tell colours apart within seconds. */
export class TinyBackbone extends Module implements Backbone {
  readonly features: Sequential;
  readonly pool = new GlobalAvgPool2d();
  readonly fc: Linear;
  readonly featureMaps = [{layer: 'features.5', channels: 16, stride: 4}];

  constructor(seed = 0) {
    super();
    const random = new Random(seed);
    this.features = new Sequential(
      new Conv2d(3, 8, {kernelSize: 3, stride: 2, padding: 1, random}),
      new Relu(),
      new Conv2d(8, 16, {kernelSize: 3, stride: 2, padding: 1, random}),
      new Relu(),
      new Conv2d(16, 16, {kernelSize: 3, padding: 1, random}),
      new Relu(),
    );
    this.fc = new Linear(16, 2, {random});
  }

  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const map = this.features.forward(image) as tf.Tensor4D;
      return this.fc.forward(flatten(this.pool.forward(map)));
    });
  }
}

/** Colours around 0, so that the little network learns fast. */
export const tinyPreprocess = (size: number): Preprocess => ({
  inputSize: [size, size],
  color: 'rgb',
  scale: 1 / 64,
  mean: [2, 2, 2],
  std: [1, 1, 1],
});
