import {addRelu} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, gradCheck, keepsOnlyResults, noFallbacks, noise, registerOps} from '../support.ts';

test.before(registerOps);
test.after(noFallbacks);

test('what is negative in sum is zero, and NaN shows', t => {
  const sum = addRelu(tf.tensor1d([1, -3, 0.5, 2]), tf.tensor1d([2, 1, -0.5, Number.NaN]));
  const values = sum.dataSync();
  t.deepEqual(Array.from(values.slice(0, 3)), [3, 0, 0]);
  t.true(Number.isNaN(values[3]));
});

test('it is the ReLU of the sum, and so are both gradients', t => {
  const [a, b, dy] = [noise([2, 3, 3, 4]), noise([2, 3, 3, 4]), noise([2, 3, 3, 4])].map((x, i) =>
    tf.mul(x, i + 1),
  );
  closeTo(t, addRelu(a, b), tf.relu(tf.add(a, b)));
  const ours = tf.grads((x, y) => addRelu(x, y))([a, b], dy);
  const stock = tf.grads((x, y) => tf.relu(tf.add(x, y)))([a, b], dy);
  closeTo(t, ours[0], stock[0]);
  closeTo(t, ours[1], stock[1]);
});

test('the gradient matches central differences', t => {
  // Away from zero, where the slope jumps.
  gradCheck(t, x => addRelu(x, tf.mul(x, x)), tf.tensor2d([0.5, -0.5, 1.5, -2, 3, -0.3], [2, 3]));
});

test('shapes that would have to be broadcast are refused', t => {
  t.throws(() => addRelu(tf.zeros([2, 3]), tf.zeros([2, 1])), {
    message: /addRelu: b must have shape .* got \[2, 1\]/,
  });
});

test('only the result is kept', t => {
  const [a, b] = [noise([2, 3]), noise([2, 3])];
  keepsOnlyResults(t, () => addRelu(a, b));
});
