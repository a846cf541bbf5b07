// Springenberg et al., "Striving for Simplicity: The All Convolutional Net", ICLR 2015 workshop, arXiv:1412.6806, section 3.4.
import type {Backbone} from '@foveal/models';
import type * as tf from '@tensorflow/tfjs-core';
import {inputGradient} from './inputGradient.js';
import type {ExplainedTarget} from './target.js';

/**
 * The pattern in the image that excites a target: its gradient, of which each ReLU passes back only what is positive,
 * where its input was positive.
 *
 * @param image - `[1, H, W, C]` float32, preprocessed.
 * @returns Like `image`, signed: to be drawn with 0 in grey. The caller owns it.
 * @throws TypeError if there is not one image; RangeError if there is no such target.
 */
export const guidedBackprop = (model: Backbone, image: tf.Tensor4D, target: ExplainedTarget): tf.Tensor4D =>
  inputGradient(model, image, target, 'guided');
