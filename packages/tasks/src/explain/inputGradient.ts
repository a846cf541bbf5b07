import {type ReluRule, withReluRule} from '@foveal/core';
import type {Backbone} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {evaluating} from './evaluating.js';
import {type ExplainedTarget, scoreOf} from './target.js';

/**
 * How a target changes with each value of the image; with another rule for ReLUs than `gradient`, what the picture
 * methods make of that. The model is in evaluation mode meanwhile.
 *
 * @param image - `[1, H, W, C]` float32, preprocessed.
 * @returns Like `image`; the caller owns it.
 * @throws TypeError if there is not one image; RangeError if there is no such target.
 */
export function inputGradient(
  model: Backbone,
  image: tf.Tensor4D,
  target: ExplainedTarget,
  rule: ReluRule = 'gradient',
): tf.Tensor4D {
  const score = (x: tf.Tensor) => scoreOf(model, x as tf.Tensor4D, target);
  return evaluating(model, () =>
    withReluRule(rule, () => tf.tidy(() => tf.grad(score)(image))),
  ) as tf.Tensor4D;
}
