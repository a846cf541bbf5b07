// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385, appendix A: the last stage
// of a ResNet looks at each box, and in "Mask R-CNN", arXiv:1703.06870, figure 4 (left), at what becomes its mask.
import {type Layer, Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {BoxHead} from './boxHead.js';

/** The last stage of a backbone for each box, and the mean of its map. */
export class StageHead extends Module implements BoxHead {
  readonly stage: Layer;
  readonly channels: number;

  /** @param channels - Depth of what the stage gives. */
  constructor(stage: Layer, channels: number) {
    super();
    this.stage = stage;
    this.channels = channels;
  }

  forward(pooled: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => tf.mean(this.stage.forward(pooled), [1, 2]) as tf.Tensor2D);
  }
}
