import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {linearClassifier, twoLayerNetwork} from '../src/perceptron.js';

test.before(async () => {
  await selectEngine();
});

const shape = {inputSize: [3, 5], channels: 2, numClasses: 4} as const;
const noise = (...size: [number, number, number, number]) =>
  tf.randomNormal<tf.Rank.R4>(size, 0, 1, 'float32', 3);

const near = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] < 1e-5);

test('a score is the product of image and template, pixel by pixel', t => {
  const model = linearClassifier(shape);
  const [image, templates] = [noise(6, 3, 5, 2), model.templates()];
  t.deepEqual(templates.shape, [4, 3, 5, 2]);
  t.is(model.numParameters(), 4 * 31);
  const products = tf.matMul(tf.reshape(image, [6, 30]), tf.reshape(templates, [4, 30]), false, true);
  t.true(near(model.forward(image), tf.add(products, model.fc.bias!)));
});

test('a hidden unit answers to its template, and answers are rectified before they are scored', t => {
  const model = twoLayerNetwork({...shape, hidden: 7});
  const [image, templates] = [noise(6, 3, 5, 2), model.templates()];
  t.deepEqual(templates.shape, [7, 3, 5, 2]);
  const products = tf.matMul(tf.reshape(image, [6, 30]), tf.reshape(templates, [7, 30]), false, true);
  const hidden = tf.relu(tf.add(products, model.fc1.bias!));
  const scores = tf.add(tf.matMul(hidden, model.fc2.weight, false, true), model.fc2.bias!);
  t.true(near(model.forward(image), scores));
});
