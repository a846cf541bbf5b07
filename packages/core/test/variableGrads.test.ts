import {addRelu, batchNormTrain, conv2d, dropout, softmaxCrossEntropy, variableGrads} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, noise, registerOps} from './support.ts';

test.before(registerOps);

/** A residual net in small, whose tensors branch, meet, are used twice and go through ops with several inputs. */
function network() {
  const filter = tf.variable(noise<tf.Rank.R4>([3, 3, 4, 4]));
  const gamma = tf.variable(tf.ones<tf.Rank.R1>([4]));
  const beta = tf.variable(noise<tf.Rank.R1>([4]));
  const weight = tf.variable(noise<tf.Rank.R2>([4, 5]));
  const images = noise<tf.Rank.R4>([2, 6, 6, 4]);
  const loss = () => {
    const x = tf.tidy(() => conv2d(images, filter, null, {padding: 1}));
    const y = tf.tidy(
      () => batchNormTrain(conv2d(x, filter, null, {padding: 1}), gamma, beta, {relu: true}).y,
    );
    const z = addRelu(y, tf.add(x, x));
    const pooled = tf.mean(dropout(z, {rate: 0.3, seed: 5}), [1, 2]) as tf.Tensor2D;
    return softmaxCrossEntropy(tf.matMul(pooled, weight), tf.tensor1d([1, 4], 'int32')) as tf.Scalar;
  };
  return {loss, variables: [filter, gamma, beta, weight] as tf.Variable[], images};
}

test('loss and gradients are those of tf.variableGrads', t => {
  const {loss, variables} = network();
  const stock = tf.variableGrads(loss, variables);
  const ours = variableGrads(loss, variables);
  closeTo(t, ours.value, stock.value);
  t.deepEqual(Object.keys(ours.grads), Object.keys(stock.grads));
  for (const name of Object.keys(stock.grads)) closeTo(t, ours.grads[name], stock.grads[name]);
});

test('only the loss and the gradients are left', t => {
  const {loss, variables} = network();
  tf.dispose(variableGrads(loss, variables)); // the first call may cache
  const before = tf.memory().numTensors;
  const {value, grads} = variableGrads(loss, variables);
  t.is(tf.memory().numTensors, before + 1 + variables.length);
  tf.dispose([value, grads]);
  t.is(tf.memory().numTensors, before);
});

test('an inner gradient is freed before the next one out is computed', t => {
  const size = 64;
  const scale = tf.variable(tf.ones<tf.Rank.R1>([size]));
  let most = 0;
  const watch = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    const gradFunc = (dy: tf.Tensor) => {
      most = Math.max(most, tf.memory().numTensors);
      return tf.mul(dy, 1);
    };
    return {value: tf.mul(x as tf.Tensor, 1), gradFunc};
  });
  const held = (layers: number) => {
    most = 0;
    const {value, grads} = variableGrads(() => {
      let x: tf.Tensor = tf.mul(scale, 2);
      for (let i = 0; i < layers; i++) x = watch(x);
      return tf.sum(x) as tf.Scalar;
    }, [scale]);
    tf.dispose([value, grads]);
    return most;
  };
  // One saved tensor a layer, and a number of gradients that does not depend on the depth.
  t.is(held(20) - held(10), 10);
});

test('what no variable goes into is neither recorded nor kept', t => {
  const weight = tf.variable(tf.scalar(2));
  const images = noise<tf.Rank.R2>([4, 4]);
  let held = 0;
  const {value, grads} = variableGrads(() => {
    const before = tf.memory().numTensors;
    const features = tf.tidy(() => tf.square(tf.square(tf.square(images))));
    held = tf.memory().numTensors - before;
    return tf.sum(tf.mul(features, weight)) as tf.Scalar;
  }, [weight]);
  t.is(held, 1);
  closeTo(
    t,
    grads[weight.name],
    tf.tidy(() => tf.sum(tf.pow(images, 8))),
  );
  t.false(Object.hasOwn(tf.engine(), 'addTapeNode'));
  tf.dispose([value, grads]);
});

test('a variable that is not trainable gets no gradient, and a shared one the sum', t => {
  const shared = tf.variable(tf.scalar(3));
  const fixed = tf.variable(tf.scalar(2), false);
  const {value, grads} = variableGrads(
    () => tf.mul(tf.mul(shared, shared), fixed) as tf.Scalar,
    [shared, fixed],
  );
  closeTo(t, value, tf.scalar(18));
  t.deepEqual(Object.keys(grads), [shared.name]);
  closeTo(t, grads[shared.name], tf.scalar(12));
});

test('a loss that is no scalar, or depends on nothing, is refused and leaves nothing', t => {
  const x = tf.variable(tf.ones<tf.Rank.R1>([3]));
  const before = tf.memory().numTensors;
  t.throws(() => variableGrads(() => tf.mul(x, 2) as unknown as tf.Scalar, [x]), {
    message: /must be a scalar, got shape \[3\]/,
  });
  t.throws(() => variableGrads(() => tf.scalar(1), [x]), {message: /depends on none of the variables/});
  t.is(tf.memory().numTensors, before);
  closeTo(t, tf.grad(v => tf.sum(tf.square(v)))(x), tf.tensor1d([2, 2, 2]));
});
