// Girshick, "Fast R-CNN", ICCV 2015, arXiv:1504.08083, section 2.2: the pretrained fc6 and fc7 look at each box.
import {Dropout, flatten, Linear, Module} from '@foveal/core';
import type {Vgg} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {BoxHead} from './boxHead.js';

/** The two hidden layers of a VGG's classifier, taken out of it with their weights; the scores are freed. */
export class VggHead extends Module implements BoxHead {
  readonly fc6: Linear;
  readonly fc7: Linear;
  readonly dropout6 = new Dropout(0.5);
  readonly dropout7 = new Dropout(0.5);
  readonly channels: number;

  constructor(vgg: Vgg) {
    super();
    const {classifier} = vgg;
    const [fc6, fc7, scores] = classifier.layers.filter(layer => layer instanceof Linear);
    this.fc6 = fc6;
    this.fc7 = fc7;
    this.channels = fc7.weight.shape[0];
    scores.dispose();
    // It must not be freed with the classifier of a backbone that becomes part of a detector.
    Reflect.deleteProperty(vgg, 'classifier');
  }

  forward(pooled: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const hidden = this.dropout6.forward(tf.relu(this.fc6.forward(flatten(pooled)))) as tf.Tensor2D;
      return this.dropout7.forward(tf.relu(this.fc7.forward(hidden))) as tf.Tensor2D;
    });
  }
}
