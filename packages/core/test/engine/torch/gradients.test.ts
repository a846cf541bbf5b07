import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, gradCheck, noise} from '../../support.js';
import {torchTest, useTorch} from './torchTest.js';

test.before(useTorch);

const ops: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  Relu: x => tf.relu(x),
  LeakyRelu: x => tf.leakyRelu(x, 0.1),
  Sigmoid: x => tf.sigmoid(x),
  Tanh: x => tf.tanh(x),
  Softmax: x => tf.softmax(x),
};

/** Away from zero, where a ReLU has no derivative. */
const values = () => {
  const x = noise<tf.Rank.R2>([4, 5]);
  return tf.add(x, tf.mul(0.1, tf.sign(x))) as tf.Tensor2D;
};

for (const [name, op] of Object.entries(ops)) {
  torchTest(`${name} is differentiated in one pass, and rightly`, async t => {
    gradCheck(t, op, values());
    const x = values();
    const dy = tf.ones([4, 5]);
    const {kernelNames} = await tf.profile(() => tf.grad(op)(x, dy));
    t.deepEqual(
      kernelNames.filter(kernel => kernel !== tf.Identity),
      [name, `${name}Grad`],
    );
  });
}

torchTest('a ReLU keeps its result, not its input', t => {
  const x = values();
  const inner = tf.grad((x: tf.Tensor) => {
    const before = tf.add(x, 1);
    const after = tf.relu(before);
    t.is(tf.backend().refCount(before.dataId), 1);
    t.is(tf.backend().refCount(after.dataId), 2);
    return after;
  });
  inner(x);
});

torchTest('the gradient of a ReLU has a gradient', t => {
  const x = tf.tensor1d([-2, -1, 1, 2]);
  const halfSquare = (x: tf.Tensor) => tf.mul(0.5, tf.square(tf.relu(x)));
  const second = tf.grad(x => tf.grad(halfSquare)(x))(x);
  t.deepEqual([...second.dataSync()], [0, 0, 1, 1]);
  const flat = tf.grad(x => tf.grad(tf.relu)(x))(x);
  t.deepEqual([...tf.abs(flat).dataSync()], [0, 0, 0, 0]);
});

torchTest('on another engine the same gradients are composed as before', async t => {
  const gradients = () => Object.values(ops).map(op => tf.grad(op)(values()));
  const native = gradients();
  await tf.setBackend('cpu');
  const composed = gradients();
  native.forEach((gradient, i) => {
    closeTo(t, gradient, composed[i]);
  });
  await tf.setBackend('torch');
});
