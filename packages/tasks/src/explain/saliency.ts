// Simonyan, Vedaldi & Zisserman, "Deep Inside Convolutional Networks", ICLR 2014 workshop, arXiv:1312.6034, section 3.1.
import type {Backbone} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {inputGradient} from './inputGradient.js';
import type {ExplainedTarget} from './target.js';

/**
 * Which pixels a target hangs on: the size of its gradient there, the largest over the channels. Of a linear
 * classifier these are its weights.
 *
 * @param image - `[1, H, W, C]` float32, preprocessed.
 * @returns `[H, W]` float32, 0 or more; the caller owns it.
 * @throws TypeError if there is not one image; RangeError if there is no such target.
 */
export const saliency = (model: Backbone, image: tf.Tensor4D, target: ExplainedTarget): tf.Tensor2D =>
  tf.tidy(() => tf.squeeze(tf.max(tf.abs(inputGradient(model, image, target)), 3), [0]));
