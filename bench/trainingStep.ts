import {type Module, Sgd, softmaxCrossEntropy, variableGrads} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

export interface StepOptions {
  batch: number;
  /** Height and width of the images. */
  size: number;
  classes: number;
}

/**
 * One step of training on noise: forward, backward, SGD with momentum 0.9 and weight decay 1e-4. It reads the loss,
 * so that the step is over when it returns.
 */
export function trainingStep(
  model: Module & {forward(images: tf.Tensor4D): tf.Tensor},
  {batch, size, classes}: StepOptions,
): () => number {
  model.train();
  const images = tf.randomNormal<tf.Rank.R4>([batch, size, size, 3], 0, 1, 'float32', 1);
  const labels = tf.tensor1d(
    Array.from({length: batch}, (_, i) => i % classes),
    'int32',
  );
  const parameters = model.parameters();
  const optimizer = new Sgd(parameters, {learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4});
  return () => {
    const {value, grads} = variableGrads(
      () => softmaxCrossEntropy(model.forward(images) as tf.Tensor2D, labels) as tf.Scalar,
      parameters,
    );
    optimizer.step(grads);
    tf.dispose(grads);
    const [loss] = value.dataSync();
    value.dispose();
    return loss;
  };
}
