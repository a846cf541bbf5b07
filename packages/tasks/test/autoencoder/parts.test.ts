import {flatten, Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, gradCheck, keepsOnlyResults, noise, registerOps} from '../../../core/test/support.js';
import {contraction} from '../../src/autoencoder/contractive.js';
import {ConvolutionalAutoencoder} from '../../src/autoencoder/convolutionalAutoencoder.js';
import {Corruption, type CorruptionSettings} from '../../src/autoencoder/corruption.js';
import {DenseAutoencoder} from '../../src/autoencoder/denseAutoencoder.js';
import {klSparsity, l1Sparsity} from '../../src/autoencoder/sparsity.js';
import {Unflatten} from '../../src/autoencoder/unflatten.js';
import {normalDivergence, VariationalAutoencoder} from '../../src/autoencoder/variational.js';

test.before(registerOps);

const count = 100_000;
/** Four standard deviations of a share of `count` draws. */
const spread = (rate: number) => 4 * Math.sqrt((rate * (1 - rate)) / count);

test('masking sets the share of values to zero that it says, and leaves the others as they are', t => {
  const noisy = new Corruption({kind: 'masking', rate: 0.3}, new Random(1)).forward(tf.fill([count], 0.7));
  const values = noisy.dataSync();
  t.true(values.every(value => value === 0 || Math.abs(value - 0.7) < 1e-6));
  const share = values.filter(value => value === 0).length / count;
  t.true(Math.abs(share - 0.3) < spread(0.3), `${share}`);
  const all = new Corruption({kind: 'masking', rate: 1}).forward(tf.ones([8]));
  closeTo(t, all, tf.zeros([8]));
});

test('salt and pepper spoil the share that they say, half of each', t => {
  const noisy = new Corruption({kind: 'saltPepper', rate: 0.4}, new Random(2)).forward(tf.fill([count], 0.5));
  const values = noisy.dataSync();
  const [salt, pepper] = [1, 0].map(v => values.filter(value => Math.abs(value - v) < 1e-6).length / count);
  for (const share of [salt, pepper]) t.true(Math.abs(share - 0.2) < spread(0.2), `${share}`);
});

test('Gaussian noise has mean zero and the deviation that it says', t => {
  const noisy = new Corruption({kind: 'gaussian', deviation: 0.5}, new Random(3)).forward(tf.ones([count]));
  const {mean, variance} = tf.moments(noisy);
  t.true(Math.abs(mean.dataSync()[0] - 1) < (4 * 0.5) / Math.sqrt(count));
  t.true(Math.abs(variance.dataSync()[0] - 0.25) < 4 * 0.25 * Math.sqrt(2 / count));
});

const kinds: CorruptionSettings[] = [
  {kind: 'gaussian', deviation: 0.2},
  {kind: 'masking', rate: 0.5},
  {kind: 'saltPepper', rate: 0.5},
];
for (const settings of kinds) {
  test(`${settings.kind} noise: none in evaluation, the same by the same seed, another by another`, t => {
    const x = noise([50]);
    const network = new DenseAutoencoder({corruption: settings, layers: [2], random: new Random(1)});
    const corruption = network.corruption as Corruption;
    const draw = (seed: number) => {
      network.reseed(seed);
      return String(corruption.forward(x).dataSync());
    };
    t.is(draw(7), draw(7));
    t.not(draw(7), draw(8));
    network.reseed(7);
    corruption.forward(x);
    t.not(String(corruption.forward(x).dataSync()), draw(7));
    network.eval();
    closeTo(t, corruption.forward(x), x);
    keepsOnlyResults(t, () => corruption.corrupt(x));
  });
}

test('a share above one, or a deviation below zero, is no noise', t => {
  t.throws(() => new Corruption({kind: 'masking', rate: 1.5}), {message: /from 0 to 1; got 1\.5/});
  t.throws(() => new Corruption({kind: 'gaussian', deviation: -1}), {message: /deviation.*got -1/});
});

test('the divergence of rates is zero at the target, and its closed form elsewhere', t => {
  const at = (values: number[][], target: number) => klSparsity(tf.tensor2d(values), target).dataSync()[0];
  t.true(Math.abs(at([[0.05], [0.35]], 0.2)) < 1e-6);
  const kl = (p: number, q: number) => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
  const expected = kl(0.1, 0.5) + kl(0.1, 0.25);
  t.true(
    Math.abs(
      at(
        [
          [0.4, 0.2],
          [0.6, 0.3],
        ],
        0.1,
      ) - expected,
    ) < 1e-6,
  );
  t.true(Number.isFinite(at([[0], [0]], 0.1)));
  t.throws(() => at([[0.5]], 0), {instanceOf: RangeError});
  t.is(
    l1Sparsity(
      tf.tensor2d([
        [1, -2],
        [0, 3],
      ]),
    ).dataSync()[0],
    3,
  );
});

test('penalties have the gradients that differences of them have', t => {
  const codes = tf.tidy(() => tf.sigmoid(noise<tf.Rank.R2>([4, 3], 5)));
  gradCheck(t, x => klSparsity(x, 0.1), codes);
  gradCheck(t, l1Sparsity, noise<tf.Rank.R2>([4, 3], 6));
  const weight = noise<tf.Rank.R2>([3, 5], 7);
  for (const name of ['sigmoid', 'tanh', 'linear'] as const) {
    gradCheck(t, x => contraction(x, weight, name), codes, {});
    gradCheck(t, w => contraction(codes, w, name), weight);
  }
  gradCheck(t, x => normalDivergence(x, weight), noise<tf.Rank.R2>([3, 5], 8));
  gradCheck(t, x => normalDivergence(weight, x), noise<tf.Rank.R2>([3, 5], 9));
});

for (const activation of ['sigmoid', 'tanh', 'relu', 'linear'] as const) {
  test(`the contraction of ${activation} units is the norm of the Jacobian that differences give`, t => {
    const network = new DenseAutoencoder({
      inputShape: [2, 3, 1],
      layers: [4],
      codeActivation: activation,
      random: new Random(3),
    });
    const x = noise([1, 2, 3, 1], 4) as tf.Tensor4D;
    const step = 1e-2;
    let squares = 0;
    for (let i = 0; i < 6; i++) {
      const shift = tf.tensor4d(
        Float32Array.from({length: 6}, (_, k) => (k === i ? step : 0)),
        x.shape,
      );
      const [up, down] = [tf.add(x, shift), tf.sub(x, shift)].map(at => network.encode(at as tf.Tensor4D));
      squares += tf.sum(tf.square(tf.div(tf.sub(up, down), 2 * step))).dataSync()[0];
    }
    const {weight} = network.pair(0).encode;
    closeTo(t, contraction(network.encode(x), weight, activation), tf.scalar(squares), {tolerance: 2e-3});
  });
}

test('the divergence of normal distributions is that of the paper', t => {
  t.is(normalDivergence(tf.zeros([3, 2]), tf.zeros([3, 2])).dataSync()[0], 0);
  const value = normalDivergence(tf.tensor2d([[1, -2]]), tf.tensor2d([[Math.log(4), 0]])).dataSync()[0];
  t.true(Math.abs(value - 0.5 * (1 + 4 - Math.log(4) - 1 + 4)) < 1e-6);
});

test('a convolutional autoencoder gives back the size it got, whatever that is', t => {
  for (const inputShape of [
    [28, 28, 1],
    [7, 13, 3],
    [1, 2, 1],
  ] as const) {
    const network = new ConvolutionalAutoencoder({inputShape, channels: [2, 3, 4], code: 5});
    const images = tf.zeros([2, ...inputShape]) as tf.Tensor4D;
    t.deepEqual(network.forward(images).shape, [2, ...inputShape]);
    t.deepEqual(network.encode(images).shape, [2, 5]);
  }
  t.throws(() => new DenseAutoencoder().encode(tf.zeros([1, 28, 28, 3])), {
    message: /\[N, 28, 28, 1\].*inputShape/,
  });
});

test('unflattening undoes flattening', t => {
  const images = noise([2, 3, 4, 3]) as tf.Tensor4D;
  closeTo(t, new Unflatten([3, 4, 3]).forward(flatten(images)), images);
});

test('a variational code is drawn in training alone, with the deviation that it has', t => {
  const network = new VariationalAutoencoder({
    inputShape: [2, 2, 1],
    layers: [3],
    code: 2,
    random: new Random(1),
  });
  const images = tf.zeros([2, 2, 2, 1]) as tf.Tensor4D;
  const drawn = (seed: number) => String(network.reseed(seed).pass(images).decoded.dataSync());
  t.not(drawn(1), drawn(2));
  t.is(drawn(1), drawn(1));
  network.eval();
  t.is(drawn(1), drawn(2));
  t.deepEqual(network.sample(3, new Random(1)).shape, [3, 2, 2, 1]);
});
