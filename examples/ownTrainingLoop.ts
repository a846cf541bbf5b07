// Trains without `train`: batches, gradients and the optimizer in one's own hands.
//   node --import=tsx examples/ownTrainingLoop.ts photos/
import {Random, Sgd, selectEngine, softmaxCrossEntropy, variableGrads} from '@foveal/core';
import {batches, imageFolder} from '@foveal/data';
import {models, resNet20} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

const [folder = 'photos', epochs = '10'] = process.argv.slice(2);
await selectEngine();
const dataset = await imageFolder(folder);
const {preprocess} = models.resnet20;
const model = resNet20({numClasses: dataset.categories.length});
const parameters = model.parameters();
const optimizer = new Sgd(parameters, {learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4});
const random = new Random(7);

model.train();
for (let epoch = 1; epoch <= Number(epochs); epoch++) {
  let sum = 0;
  for await (const {images, labels} of batches(dataset, {batchSize: 32, preprocess, shuffle: random})) {
    // The tape keeps what the gradients need and frees the rest; what is left is ours to dispose.
    const {value, grads} = variableGrads(
      () => softmaxCrossEntropy(model.forward(images), labels) as tf.Scalar,
      parameters,
    );
    optimizer.step(grads);
    sum += (await value.data())[0] * images.shape[0];
    tf.dispose([images, labels, value, grads]);
  }
  optimizer.learningRate = 0.025 * (1 + Math.cos((Math.PI * epoch) / Number(epochs)));
  console.log(`epoch ${epoch}: loss ${(sum / dataset.length).toFixed(3)}`);
}
optimizer.dispose();
model.dispose();
