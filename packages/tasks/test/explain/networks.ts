import {Conv2d, flatten, GlobalAvgPool2d, Linear, MaxPool2d, Module, Random, Relu} from '@foveal/core';
import type {Backbone, FeatureMap} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/** One convolution without a ReLU, the mean of each map, and a linear layer: all can be done by hand. */
export class OneConvolution extends Module implements Backbone {
  readonly conv: Conv2d;
  readonly pool = new GlobalAvgPool2d();
  readonly fc: Linear;
  readonly featureMaps: FeatureMap[] = [{layer: 'conv', channels: 2, stride: 1}];

  constructor(filters: tf.Tensor4D, classes: tf.Tensor2D) {
    super();
    const [side, , inputs, outputs] = filters.shape;
    this.conv = new Conv2d(inputs, outputs, {kernelSize: side, bias: false});
    this.conv.weight.assign(filters);
    this.fc = new Linear(classes.shape[1], classes.shape[0], {bias: false});
    this.fc.weight.assign(classes);
  }

  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => this.fc.forward(flatten(this.pool.forward(this.conv.forward(image)))));
  }
}

/** A row of convolutions with ReLUs and a pooling, like `fixtures/generate_explain.py` has it. */
export class SmallNetwork extends Module implements Backbone {
  readonly conv1 = new Conv2d(2, 4, {kernelSize: 3, padding: 1, random: new Random(1)});
  readonly relu1 = new Relu();
  readonly pool = new MaxPool2d({kernelSize: 2});
  readonly conv2 = new Conv2d(4, 3, {kernelSize: 3, random: new Random(2)});
  readonly relu2 = new Relu();
  readonly mean = new GlobalAvgPool2d();
  readonly fc = new Linear(3, 2, {random: new Random(3)});
  readonly featureMaps: FeatureMap[] = [{layer: 'relu2', channels: 3, stride: 2}];

  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const pooled = this.pool.forward(this.relu1.forward(this.conv1.forward(image)));
      const maps = this.relu2.forward(this.conv2.forward(pooled));
      return this.fc.forward(flatten(this.mean.forward(maps)));
    });
  }
}
