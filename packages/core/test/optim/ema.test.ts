import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {BatchNorm1d, Ema, Linear} from '../../src/index.js';
import {closeTo, registerOps} from '../support.js';

test.before(registerOps);

const set = (linear: Linear, value: number) => linear.weight.assign(tf.fill([1, 1], value));
const linear = (value: number) => {
  const module = new Linear(1, 1, {bias: false});
  set(module, value);
  return module;
};
const weight = ({weight}: Linear) => weight.dataSync()[0];
const near = (a: number, b: number) => Math.abs(a - b) < 1e-6;

test('the average is the sum of the geometric series', t => {
  const model = linear(0);
  const ema = new Ema(model, {decay: 0.5, warmUp: false});
  for (const value of [1, 2, 4]) {
    set(model, value);
    ema.update();
  }
  const expected = (0.5 * 1 * 0.5 + 0.5 * 2) * 0.5 + 0.5 * 4;
  ema.swap();
  t.true(near(weight(model), expected));
  ema.swap();
  t.is(weight(model), 4);
});

test('it follows fast at first', t => {
  const model = linear(0);
  const ema = new Ema(model, {decay: 0.999});
  set(model, 11);
  ema.update();
  t.true(near(ema.stateDict()['weight'].dataSync()[0], 11 * (1 - 2 / 11)));
});

test('training on with the average swapped in is refused', t => {
  const ema = new Ema(linear(1));
  ema.swap();
  t.throws(() => ema.update(), {message: /Call swap\(\) before training on/});
  t.throws(() => ema.stateDict(), {message: /before saving/});
  t.throws(() => new Ema(linear(1), {decay: 1}), {message: /decay must be in \[0, 1\)/});
});

test('it resumes with its count, and refuses another model', t => {
  const model = linear(3);
  const ema = new Ema(model);
  set(model, 5);
  ema.update();
  const resumed = new Ema(model);
  resumed.loadStateDict(ema.stateDict());
  set(model, 8);
  ema.update();
  resumed.update();
  closeTo(t, resumed.stateDict()['weight'], ema.stateDict()['weight'], {tolerance: 0});
  t.is(resumed.stateDict()['updates'].dataSync()[0], 2);
  t.throws(() => resumed.loadStateDict(new Ema(new Linear(2, 2)).stateDict()), {
    message: /bias[\s\S]*expected \[1,1\], got \[2,2\]/,
  });
});

test('buffers are averaged too, and everything is freed', t => {
  const model = new BatchNorm1d(2);
  const mean = tf.tensor1d([2, 4]);
  const before = tf.memory().numTensors;
  const ema = new Ema(model, {decay: 0.5, warmUp: false});
  model.running_mean.assign(mean);
  ema.update();
  t.deepEqual(Array.from(ema.stateDict()['running_mean'].dataSync()), [1, 2]);
  ema.dispose();
  t.is(tf.memory().numTensors, before);
});
