import {Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, noise, registerOps} from '../../core/test/support.js';
import {DropoutNetwork} from '../src/dropoutNetwork.js';

test.before(registerOps);

test('two hidden layers of 800 units have the parameters that they should', t => {
  const network = new DropoutNetwork({random: new Random(0)});
  t.is(network.numParameters(), 784 * 800 + 800 + 800 * 800 + 800 + 800 * 10 + 10);
  t.deepEqual(network.forward(tf.zeros([2, 28, 28, 1])).shape, [2, 10]);
});

test('each image sees another network in training, by the seed; all units take part in evaluation', t => {
  const network = new DropoutNetwork({
    inputShape: [4, 4, 1],
    hidden: [32],
    numClasses: 3,
    random: new Random(1),
  });
  const one = noise([1, 4, 4, 1]) as tf.Tensor4D;
  const twice = tf.tile(one, [2, 1, 1, 1]);
  const [a, b] = tf.unstack(network.reseed(5).forward(twice));
  t.not(String(a.dataSync()), String(b.dataSync()));
  const [again] = tf.unstack(network.reseed(5).forward(twice));
  closeTo(t, again, a);
  network.eval();
  const [c, d] = tf.unstack(network.forward(twice));
  closeTo(t, c, d);
});

test('without dropout, training is evaluation', t => {
  const network = new DropoutNetwork({inputShape: [4, 4, 1], hidden: [8], dropout: 0, inputDropout: 0});
  const images = noise([3, 4, 4, 1]) as tf.Tensor4D;
  const trained = network.forward(images);
  closeTo(t, trained, network.eval().forward(images));
});
