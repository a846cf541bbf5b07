// Rosenblatt, "The Perceptron", Psychological Review 65, 1958; with a hidden layer: Rumelhart, Hinton & Williams,
// "Learning representations by back-propagating errors", Nature 323, 1986.
import {defaultRandom, flatten, init, Linear, Module, type Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';

export interface LinearClassifierOptions {
  /** @defaultValue 10 */
  numClasses?: number;
  /** `[height, width]` of its images. @defaultValue `[32, 32]` */
  inputSize?: readonly [number, number];
  /** Channels of its images. @defaultValue 3 */
  channels?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

export interface TwoLayerNetworkOptions extends LinearClassifierOptions {
  /** Units of the hidden layer. @defaultValue 100 */
  hidden?: number;
}

abstract class Perceptron extends Module {
  readonly featureMaps: readonly FeatureMap[] = [];
  readonly inputShape: readonly [number, number, number];

  constructor({inputSize = [32, 32], channels = 3}: LinearClassifierOptions) {
    super();
    this.inputShape = [...inputSize, channels];
  }

  protected row(image: tf.Tensor4D): tf.Tensor2D {
    if (String(image.shape.slice(1)) !== String(this.inputShape)) {
      throw new TypeError(
        `${this.constructor.name}: images must have shape [N, ${this.inputShape.join(', ')}], got [${image.shape}]. ` +
          'Resize them, or build it with their {inputSize, channels}.',
      );
    }
    return flatten(image);
  }

  /** Each row of a first layer as the image that it answers to most, `[rows, H, W, C]`. The caller owns it. */
  protected images({weight}: Linear): tf.Tensor4D {
    const [height, width, channels] = this.inputShape;
    return tf.tidy(() =>
      tf.transpose(tf.reshape(weight, [-1, channels, height, width]), [0, 2, 3, 1]),
    ) as tf.Tensor4D;
  }
}

/** One template per class: a class's score is the product of image and template. Learn it by softmax or hinge loss. */
export class LinearClassifier extends Perceptron implements Backbone {
  readonly fc: Linear;

  constructor(options: LinearClassifierOptions = {}) {
    super(options);
    const {numClasses = 10, random = defaultRandom()} = options;
    this.fc = new Linear(tf.util.sizeFromShape([...this.inputShape]), numClasses, {random});
  }

  /** @param image - `[N, H, W, C]` float32, normalised. @returns `[N, numClasses]` scores. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => this.fc.forward(this.row(image)));
  }

  /** What it looks for, `[numClasses, H, W, C]`, to be drawn. The caller owns it. */
  templates(): tf.Tensor4D {
    return this.images(this.fc);
  }
}

/** A hidden layer of rectified units between image and scores, so that a class may have several templates. */
export class TwoLayerNetwork extends Perceptron implements Backbone {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(options: TwoLayerNetworkOptions = {}) {
    super(options);
    const {numClasses = 10, hidden = 100, random = defaultRandom()} = options;
    const start = {init: init.kaimingNormal(), random};
    this.fc1 = new Linear(tf.util.sizeFromShape([...this.inputShape]), hidden, start);
    this.fc2 = new Linear(hidden, numClasses, start);
  }

  /** @param image - `[N, H, W, C]` float32, normalised. @returns `[N, numClasses]` scores. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => this.fc2.forward(tf.relu(this.fc1.forward(this.row(image)))));
  }

  /** What each hidden unit looks for, `[hidden, H, W, C]`, to be drawn. The caller owns it. */
  templates(): tf.Tensor4D {
    return this.images(this.fc1);
  }
}

export const linearClassifier = (options?: LinearClassifierOptions) => new LinearClassifier(options);
export const twoLayerNetwork = (options?: TwoLayerNetworkOptions) => new TwoLayerNetwork(options);
