// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, section 2; two layers of 1,024: Lin et al., "Feature Pyramid
// Networks", CVPR 2017, arXiv:1612.03144, section 5.2.
import {defaultRandom, flatten, Linear, Module, type Random, Relu} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Turns what was pooled for each box into one vector. */
export interface BoxHead extends Module {
  /** Length of the vector. */
  readonly channels: number;
  /** @param pooled - `[R, S, S, C]` float32. @returns `[R, channels]`. */
  forward(pooled: tf.Tensor4D): tf.Tensor2D;
}

/** Two fully connected layers with a ReLU each. Names are torchvision's: `fc6`, `fc7`. */
export class TwoMlpHead extends Module implements BoxHead {
  readonly fc6: Linear;
  readonly fc7: Linear;
  readonly relu = new Relu();
  readonly channels: number;

  /** @param inputs - Values pooled for a box, `S · S · C`. @param channels - Units of each layer. @defaultValue 1024 */
  constructor(inputs: number, channels = 1024, {random = defaultRandom()}: {random?: Random} = {}) {
    super();
    this.fc6 = new Linear(inputs, channels, {random});
    this.fc7 = new Linear(channels, channels, {random});
    this.channels = channels;
  }

  forward(pooled: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const hidden = this.relu.forward(this.fc6.forward(flatten(pooled)));
      return this.relu.forward(this.fc7.forward(hidden));
    });
  }
}

/** Scores and moves of boxes. */
export type BoxPredictions = {
  /** `[R, categories + 1]` float32, logits; the first is for background. */
  logits: tf.Tensor2D;
  /** `[R, 4 · (categories + 1)]` float32: `[dx, dy, dw, dh]` for each category, background first. */
  offsets: tf.Tensor2D;
};

/** The last layers: a score and a move for each category and for background, which is number 0 here. */
export class FastRcnnPredictor extends Module {
  readonly cls_score: Linear;
  readonly bbox_pred: Linear;

  constructor(inputs: number, categories: number, {random = defaultRandom()}: {random?: Random} = {}) {
    super();
    this.cls_score = new Linear(inputs, categories + 1, {random});
    this.bbox_pred = new Linear(inputs, 4 * (categories + 1), {random});
  }

  /** @param features - `[R, inputs]` float32. */
  forward(features: tf.Tensor2D): BoxPredictions {
    return {logits: this.cls_score.forward(features), offsets: this.bbox_pred.forward(features)};
  }
}
