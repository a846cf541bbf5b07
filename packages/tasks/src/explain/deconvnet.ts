// Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, arXiv:1311.2901, section 2.1.
import type {Backbone} from '@foveal/models';
import type * as tf from '@tensorflow/tfjs-core';
import {inputGradient} from './inputGradient.js';
import type {ExplainedTarget} from './target.js';

/**
 * Projects a target back to the pixels: each convolution is transposed, each max pooling puts its value where the
 * largest stood (its switches), and each ReLU passes on what is positive. All but the last is what a backward pass
 * does already.
 *
 * Deviation: where windows of a pooling overlap, what they send to one place is added, while the paper keeps one; a
 * local response normalization passes its gradient back, where the paper leaves it out.
 *
 * @param image - `[1, H, W, C]` float32, preprocessed.
 * @returns Like `image`, signed: to be drawn with 0 in grey. The caller owns it.
 * @throws TypeError if there is not one image; RangeError if there is no such target.
 */
export const deconvnet = (model: Backbone, image: tf.Tensor4D, target: ExplainedTarget): tf.Tensor4D =>
  inputGradient(model, image, target, 'deconvnet');
