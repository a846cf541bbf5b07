import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {Relu, Sigmoid} from '../../src/nn/activations.js';
import {BatchNorm2d} from '../../src/nn/batchNorm2d.js';
import {Conv2d} from '../../src/nn/conv2d.js';
import {convNorm} from '../../src/nn/convolutionEnds.js';
import {FrozenBatchNorm2d} from '../../src/nn/frozenBatchNorm2d.js';
import type {Module} from '../../src/nn/module.js';
import {type Layer, Sequential} from '../../src/nn/sequential.js';
import {closeTo, keepsOnlyResults, noFallbacks, noise, registerOps} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

const x = () => noise<tf.Rank.R4>([1, 5, 6, 3], 1);

function parts(Norm: typeof BatchNorm2d | typeof FrozenBatchNorm2d = BatchNorm2d) {
  const conv = new Conv2d(3, 4, {kernelSize: 3, bias: false});
  const norm = new Norm(4);
  norm.running_mean.assign(noise<tf.Rank.R1>([4], 2));
  norm.running_var.assign(tf.abs(noise<tf.Rank.R1>([4], 3)));
  norm.bias.assign(noise<tf.Rank.R1>([4], 4));
  return {conv, norm};
}

/** The kernels that `run` runs, without those that they run. */
function kernelsOf(run: () => tf.Tensor): string[] {
  const names: string[] = [];
  const engine = tf.engine();
  const {runKernel} = engine;
  let depth = 0;
  engine.runKernel = ((name: string, ...rest: [tf.NamedTensorMap, tf.NamedAttrMap]) => {
    if (depth++ === 0) names.push(name);
    const result = runKernel.call(engine, name, ...rest);
    depth--;
    return result;
  }) as typeof runKernel;
  try {
    run().dispose();
  } finally {
    Reflect.deleteProperty(engine, 'runKernel');
  }
  return names;
}

for (const Norm of [BatchNorm2d, FrozenBatchNorm2d]) {
  test(`for prediction a convolution, ${Norm.name}, a residual and a ReLU are one kernel and the same values`, t => {
    const {conv, norm} = parts(Norm);
    norm.eval();
    const residual = noise<tf.Rank.R4>([1, 3, 4, 4], 5);
    const expected = tf.relu(tf.add(norm.forward(conv.forward(x())), residual));
    closeTo(t, convNorm(conv, norm, x(), {residual}), expected);
    const input = x();
    t.deepEqual(
      kernelsOf(() => convNorm(conv, norm, input, {residual})),
      ['FusedConvolution'],
    );
    keepsOnlyResults(t, () => convNorm(conv, norm, input, {relu: true}));
  });
}

test('a norm that learns, learns', t => {
  const {conv, norm} = parts();
  const before = norm.running_mean.arraySync();
  convNorm(conv, norm, x());
  t.notDeepEqual(norm.running_mean.arraySync(), before);
});

test('gradients reach the filters and the norm', t => {
  const {conv, norm} = parts();
  norm.eval();
  const {grads} = tf.variableGrads(() => tf.sum(convNorm(conv, norm, x(), {relu: true})) as tf.Scalar);
  for (const variable of [conv.weight, norm.weight, norm.bias]) t.truthy(grads[variable.name]);
});

test('a sequence runs a norm and a ReLU in the pass of the convolution before, and nothing else', t => {
  const {conv, norm} = parts();
  const sequence = new Sequential(conv as Layer, norm as Layer, new Relu(), new Sigmoid()).eval();
  const expected = tf.sigmoid(tf.relu(norm.forward(conv.forward(x()))));
  closeTo(t, sequence.forward(x()), expected);
  const input = x();
  t.deepEqual(
    kernelsOf(() => sequence.forward(input)),
    ['FusedConvolution', 'Sigmoid'],
  );
  keepsOnlyResults(t, () => sequence.forward(input));
});

test('who watches a layer sees what it gives', t => {
  const {conv, norm} = parts();
  const sequence = new Sequential(conv as Layer, norm as Layer, new Relu()).eval();
  const plain = conv.forward(x());
  for (const watched of [conv, norm] as (Module & Layer)[]) {
    const seen: tf.Tensor[] = [];
    const forward = watched.forward.bind(watched) as (...inputs: unknown[]) => tf.Tensor;
    const see = (...inputs: unknown[]) => {
      const y = forward(...inputs);
      seen.push(y.clone());
      return y;
    };
    Object.defineProperty(watched, 'forward', {value: see, configurable: true});
    sequence.forward(x());
    Reflect.deleteProperty(watched, 'forward');
    closeTo(t, seen[0], watched === conv ? plain : norm.forward(plain));
  }
});
