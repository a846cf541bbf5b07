import {Module, parameter, Sgd, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {Stepper, type StepperOptions} from '../../src/train/stepper.js';

test.before(async () => {
  await selectEngine();
});

class Point extends Module {
  readonly at = parameter(tf.tensor1d([0, 0]));
  forward = () => this.at;
}

/** Moves a point at (0, 0) against the gradients given, at a learning rate of 1. */
function walk(batches: {slope: [number, number]; images: number}[], options: StepperOptions = {}): number[] {
  const model = new Point();
  const optimizer = new Sgd(model.parameters(), {learningRate: 1});
  let slope: [number, number] = [0, 0];
  const task = {model, losses: () => ({loss: tf.sum(tf.mul(model.at, tf.tensor1d(slope))) as tf.Scalar})};
  const stepper = new Stepper(task as never, optimizer, model.parameters(), options);
  const tensors = tf.memory().numTensors;
  for (const {images, ...batch} of batches) {
    slope = batch.slope;
    stepper.add({images: null as never, files: Array.from({length: images}, () => '')}).dispose();
  }
  stepper.step();
  if (tf.memory().numTensors !== tensors) throw new Error('a step leaves tensors behind');
  const at = [...model.at.dataSync()].map(value => Number((-value).toFixed(5)));
  stepper.dispose();
  optimizer.dispose();
  model.dispose();
  return at;
}

test.serial('a step of one batch follows its gradient', t => {
  t.deepEqual(walk([{slope: [3, 4], images: 2}]), [3, 4]);
});

test.serial('a step of several batches follows the mean over their images', t => {
  const batches = [
    {slope: [4, 0] as [number, number], images: 8},
    {slope: [0, 8] as [number, number], images: 8},
    {slope: [16, 16] as [number, number], images: 4},
  ];
  t.deepEqual(walk(batches), [(32 + 64) / 20, (64 + 64) / 20]);
});

test.serial('gradients are clipped by their norm, by their values, and by both in this order', t => {
  const one = [{slope: [3, -4] as [number, number], images: 1}];
  t.deepEqual(walk(one, {clipNorm: 1}), [0.6, -0.8]);
  t.deepEqual(walk(one, {clipNorm: 10}), [3, -4]);
  t.deepEqual(walk(one, {clipValue: 2}), [2, -2]);
  t.deepEqual(walk(one, {clipNorm: 2.5, clipValue: 1.8}), [1.5, -1.8]);
});

test.serial('what is clipped is the mean of the batches, not each of them', t => {
  const batches = [
    {slope: [10, 0] as [number, number], images: 1},
    {slope: [-10, 1] as [number, number], images: 1},
  ];
  t.deepEqual(walk(batches, {clipNorm: 1}), [0, 0.5]);
});
