import {softmaxCrossEntropy} from '@foveal/core';
import type {AuxiliaryBackbone, Backbone} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {LabelledBatch} from './classifier.js';

/**
 * The softmax cross-entropy of a batch; of a network with auxiliary classifiers, also that of each, by its weight
 * (`auxiliary1`, `auxiliary2`). Where images are mixed, each counts by its share: the loss is linear in the labels.
 * Differentiable.
 *
 * @param check - Looks at the logits, and hands them on.
 */
export function classificationLosses(
  model: Backbone,
  {images, labels, otherLabels, weight = 1}: LabelledBatch,
  {labelSmoothing, check}: {labelSmoothing: number; check: (logits: tf.Tensor2D) => tf.Tensor2D},
): Record<string, tf.Scalar> {
  const loss = (logits: tf.Tensor2D, of: tf.Tensor1D) =>
    softmaxCrossEntropy(logits, of, {labelSmoothing}) as tf.Scalar;
  const mixed = (logits: tf.Tensor2D) =>
    otherLabels
      ? (tf.add(
          tf.mul(loss(logits, labels), weight),
          tf.mul(loss(logits, otherLabels), 1 - weight),
        ) as tf.Scalar)
      : loss(logits, labels);

  if (!hasAuxiliary(model)) return {loss: mixed(check(model.forward(images)))};
  const [logits, ...auxiliary] = model.forwardAll(images);
  return Object.fromEntries([
    ['loss', mixed(check(logits))],
    ...auxiliary.map((inner, i) => [`auxiliary${i + 1}`, tf.mul(mixed(inner), model.auxiliaryWeights[i])]),
  ]);
}

const hasAuxiliary = (model: Backbone): model is AuxiliaryBackbone => 'forwardAll' in model;
