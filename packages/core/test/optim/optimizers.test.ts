import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import {
  AdaDelta,
  AdaGrad,
  Adam,
  AdamW,
  BatchNorm1d,
  Ema,
  Linear,
  Module,
  type Optimizer,
  type ParameterGroup,
  parameterGroups,
  RmsProp,
  Sgd,
} from '../../src/index.js';
import {closeTo, type GoldenTensor, golden, noise, registerOps, tensor} from '../support.js';

test.before(registerOps);

interface Case {
  name: string;
  optimizer: 'sgd' | 'adam' | 'rmsProp' | 'adaGrad' | 'adaDelta';
  options: {learningRate: number; decoupled?: boolean};
  inputs: {params: GoldenTensor[]; grads: GoldenTensor[][]};
  outputs: {params: GoldenTensor[][]};
}

type Parameters = tf.Variable[] | ParameterGroup[];
const build: Record<string, (parameters: Parameters, options: {learningRate: number}) => Optimizer> = {
  sgd: (parameters, options) => new Sgd(parameters, options),
  adam: (parameters, options) => new Adam(parameters, options),
  adamW: (parameters, options) => new AdamW(parameters, {weightDecay: 0, ...options}),
  rmsProp: (parameters, options) => new RmsProp(parameters, options),
  adaGrad: (parameters, options) => new AdaGrad(parameters, options),
  adaDelta: (parameters, options) => new AdaDelta(parameters, options),
};

const byName = (variables: tf.Variable[], grads: tf.Tensor[]) =>
  Object.fromEntries(variables.map(({name}, i) => [name, grads[i]]));
const copy = (dict: Record<string, tf.Tensor>) =>
  Object.fromEntries(
    Object.entries(dict).map(([name, state]) => [
      name,
      tf.tensor(state.dataSync().slice(), state.shape, state.dtype),
    ]),
  );
const variables = (...seeds: number[]) => seeds.map(seed => tf.variable(noise([2, 3], seed)));

for (const {name, optimizer, options, inputs, outputs} of golden<Case>('optimizers')) {
  const {decoupled, ...rest} = options;
  const run = (parameters: tf.Variable[]) => build[decoupled ? 'adamW' : optimizer](parameters, rest);
  const step = (optimizer: Optimizer, parameters: tf.Variable[], n: number) =>
    optimizer.step(
      byName(
        parameters,
        inputs.grads[n].map(grad => tensor(grad)),
      ),
    );
  const check = (t: ExecutionContext<unknown>, parameters: tf.Variable[], n: number) =>
    parameters.forEach((parameter, i) => {
      closeTo(t, parameter, tensor(outputs.params[n][i]), {message: `parameter ${i} after step ${n + 1}`});
    });

  test(`PyTorch's optimizer goes the same way: ${name}`, t => {
    const parameters = inputs.params.map(values => tf.variable(tensor(values)));
    const optimizer = run(parameters);
    for (let n = 0; n < outputs.params.length; n++) {
      step(optimizer, parameters, n);
      check(t, parameters, n);
    }
    optimizer.dispose();
  });

  test(`it goes that way also when stopped and resumed: ${name}`, t => {
    const parameters = inputs.params.map(values => tf.variable(tensor(values)));
    const before = run(parameters);
    step(before, parameters, 0);
    step(before, parameters, 1);
    const saved = copy(before.stateDict());
    before.dispose();
    const after = run(parameters);
    after.loadStateDict(saved);
    step(after, parameters, 2);
    check(t, parameters, 2);
  });
}

test('a group has its own learning rate and decay, as an optimizer of its own would', t => {
  const [a, b] = [variables(1, 2), variables(1, 2)];
  const groups = new Sgd(
    [{parameters: [a[0]], learningRateFactor: 0.1, weightDecay: 0, l1: 0.5}, {parameters: [a[1]]}],
    {learningRate: 0.2, momentum: 0.9, weightDecay: 0.3},
  );
  const apart = [
    new Sgd([b[0]], {learningRate: 0.02, momentum: 0.9, l1: 0.5}),
    new Sgd([b[1]], {learningRate: 0.2, momentum: 0.9, weightDecay: 0.3}),
  ];
  for (let n = 0; n < 3; n++) {
    const grads = [noise([2, 3], 10 + n), noise([2, 3], 20 + n)];
    groups.step(byName(a, grads));
    apart.forEach((optimizer, i) => {
      optimizer.step({[b[i].name]: grads[i]});
    });
  }
  a.forEach((variable, i) => {
    closeTo(t, variable, b[i], {tolerance: 1e-6});
  });
});

test('a learning rate that is set anew holds from the next step on', t => {
  const [w] = variables(1);
  const start = tf.clone(w as tf.Tensor);
  const sgd = new Sgd([w], {learningRate: 1});
  sgd.step({[w.name]: tf.ones([2, 3])});
  sgd.learningRate = 0.25;
  sgd.step({[w.name]: tf.ones([2, 3])});
  closeTo(t, w, tf.sub(start, 1.25));
  sgd.learningRate = Number.NaN;
  t.throws(() => sgd.step({[w.name]: tf.ones([2, 3])}), {
    message: /learningRate must be a finite number.*NaN/,
  });
});

test('frozen parameters stay, and start afresh with their first step', t => {
  const [a, b, c] = variables(1, 2, 2);
  const adam = new Adam([a, b], {learningRate: 0.1});
  const alone = new Adam([c], {learningRate: 0.1});
  const start = tf.clone(b as tf.Tensor);
  b.trainable = false;
  for (let n = 0; n < 3; n++) adam.step({[a.name]: noise([2, 3], n)});
  closeTo(t, b, start, {tolerance: 0});
  b.trainable = true;
  for (let n = 0; n < 2; n++) {
    const grad = noise<tf.Rank.R2>([2, 3], 5 + n);
    adam.step(byName([a, b], [grad, grad]));
    alone.step({[c.name]: grad});
  }
  closeTo(t, b, c, {tolerance: 1e-6});
  t.deepEqual(Array.from(adam.stateDict()['steps'].dataSync()), [5, 2]);
});

test('a gradient that is missing is named by its path', t => {
  class Two extends Module {
    readonly used = new Linear(2, 1);
    readonly unused = new Linear(2, 1);
    forward(x: tf.Tensor2D) {
      return this.used.forward(x);
    }
  }
  const two = new Two();
  const sgd = new Sgd(two.parameters(), {learningRate: 0.1});
  const {grads} = tf.variableGrads(() => tf.sum(two.forward(tf.ones([1, 2]))), two.used.parameters());
  t.throws(() => sgd.step(grads), {message: /Sgd\.step: no gradient for unused\.weight, unused\.bias\./});
  two.unused.freeze();
  t.notThrows(() => sgd.step(grads));
});

test('options and groups are checked where they are given', t => {
  const [w] = variables(1);
  t.throws(() => new Sgd([w], {learningRate: -1}), {
    message: /Sgd: learningRate must be a finite number of 0 or more, got -1/,
  });
  t.throws(() => new Sgd([w], {learningRate: 1, nesterov: true}), {message: /nesterov needs a momentum/});
  t.throws(() => new Adam([{parameters: [w], weightDecay: -1}]), {message: /a group: weightDecay/});
  t.throws(() => new Adam([w, w]), {message: /in the groups twice/});
  t.throws(() => new Adam([]), {message: /no parameters/});
});

test('a state of another optimizer or other parameters is refused', t => {
  const [a, b] = variables(1, 2);
  const adam = new Adam([a]);
  adam.step({[a.name]: tf.ones([2, 3])});
  const state = adam.stateDict();
  const refuses = (optimizer: Optimizer, dict: Record<string, tf.Tensor>, message: RegExp) =>
    t.throws(() => optimizer.loadStateDict(dict), {message});
  refuses(
    new Sgd([a], {learningRate: 1, momentum: 0.9}),
    state,
    /Sgd\.loadStateDict: "0\.momentum" .* is missing/,
  );
  refuses(new Sgd([a], {learningRate: 1}), state, /nothing is known of 0\.first_moment, 0\.second_moment/);
  refuses(new Adam([a, b]), state, /state is of 1 parameters, the optimizer has 2/);
  refuses(new Adam([a]), {}, /no "steps" among no names/);
  refuses(new Adam([tf.variable(tf.zeros([4]))]), state, /"0\.first_moment" has shape \[2,3\]/);
});

test('weights decay, biases and norms do not', t => {
  class Net extends Module {
    readonly fc = new Linear(2, 3);
    readonly norm = new BatchNorm1d(3);
    forward(x: tf.Tensor2D) {
      return this.norm.forward(this.fc.forward(x));
    }
  }
  const net = new Net();
  t.deepEqual(parameterGroups(net, {weightDecay: 0.1, l1: 0.2}), [
    {parameters: [net.fc.weight], weightDecay: 0.1, l1: 0.2},
    {parameters: [net.fc.bias, net.norm.weight, net.norm.bias] as tf.Variable[], weightDecay: 0, l1: 0},
  ]);
  const own = parameterGroups(net, {weightDecay: 0.1, noDecay: name => name.startsWith('fc')});
  t.deepEqual(
    own.map(({parameters}) => parameters.length),
    [2, 2],
  );
});

test('a step leaves alone whatever shares the storage of a parameter', t => {
  const [trained, other] = [new Linear(2, 2), new Linear(2, 2)];
  trained.loadStateDict(other.stateDict());
  const kept = tf.clone(trained.weight as tf.Tensor);
  const ema = new Ema(trained);
  const before = other.weight.dataSync().slice();
  const adam = new Adam(trained.parameters(), {learningRate: 1});
  const resumed = new Adam(trained.parameters(), {learningRate: 1});
  for (let n = 0; n < 2; n++) {
    adam.step(byName(trained.parameters(), [tf.ones([2, 2]), tf.ones([2])]));
    if (n === 0) resumed.loadStateDict(adam.stateDict());
  }
  t.notDeepEqual(trained.weight.dataSync(), before);
  t.deepEqual(other.weight.dataSync(), before);
  t.deepEqual(kept.dataSync(), before);
  t.deepEqual(ema.stateDict()['weight'].dataSync(), before);
  closeTo(t, resumed.stateDict()['0.first_moment'], tf.fill([2, 2], 0.1));
});
