import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {
  BatchNorm2d,
  buffer,
  Conv2d,
  Dropout,
  FrozenBatchNorm2d,
  flatten,
  Linear,
  MaxPool2d,
  Module,
  parameter,
  pathOf,
  Random,
  Relu,
  Sequential,
  seedDefaultRandom,
} from '../../src/index.js';
import {closeTo, noise, registerOps} from '../support.js';

test.before(registerOps);

class Block extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;

  constructor(channels: number, random: Random) {
    super();
    this.conv1 = new Conv2d(channels, channels, {kernelSize: 3, padding: 1, bias: false, random});
    this.bn1 = new BatchNorm2d(channels);
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return this.bn1.forward(this.conv1.forward(x), {relu: true});
  }
}

class Net extends Module {
  readonly scale = parameter(tf.tensor1d([2]));
  readonly seen = buffer(tf.scalar(7, 'int32'));
  readonly name = 'neither a parameter nor a part';
  readonly stem: Conv2d;
  readonly layer1: Sequential;
  readonly blocks: Block[];
  readonly fc: Linear;

  constructor(random = new Random(1)) {
    super();
    this.stem = new Conv2d(1, 2, {kernelSize: 3, random});
    this.layer1 = new Sequential(new Block(2, random), new Relu(), new Dropout(0.5, {random}));
    this.blocks = [new Block(2, random)];
    this.fc = new Linear(2 * 4 * 4, 3, {random});
  }

  forward(x: tf.Tensor4D): tf.Tensor2D {
    const features = this.blocks.reduce<tf.Tensor>(
      (y, block) => block.forward(y as tf.Tensor4D),
      this.layer1.forward(this.stem.forward(x)),
    );
    return this.fc.forward(flatten(tf.mul(features, this.scale)));
  }
}

const images = () => noise<tf.Rank.R4>([2, 6, 6, 1]);
const values = (module: Module) => module.parameters().map(p => Array.from(p.dataSync()));

test('the name of a parameter is its path', t => {
  const net = new Net();
  t.deepEqual(
    net.namedParameters().map(([name, {shape}]) => `${name} ${shape}`),
    [
      'scale 1',
      'stem.weight 3,3,1,2',
      'stem.bias 2',
      'layer1.0.conv1.weight 3,3,2,2',
      'layer1.0.bn1.weight 2',
      'layer1.0.bn1.bias 2',
      'blocks.0.conv1.weight 3,3,2,2',
      'blocks.0.bn1.weight 2',
      'blocks.0.bn1.bias 2',
      'fc.weight 3,32',
      'fc.bias 3',
    ],
  );
  t.deepEqual(
    net.namedBuffers().map(([name]) => name),
    ['seen', ...['layer1.0', 'blocks.0'].flatMap(at => [`${at}.bn1.running_mean`, `${at}.bn1.running_var`])],
  );
  t.is(net.numParameters(), 1 + 18 + 2 + 36 + 4 + 36 + 4 + 96 + 3);
  t.is(pathOf(net.layer1.parameters()[0]), 'layer1.0.conv1.weight', 'the path from the root stays');
  t.is(pathOf(parameter(tf.zeros([2, 3]))).replace(/\d+ of/, '# of'), 'variable # of shape [2,3]');
});

test('a layer that is used twice counts once and is saved under both names', t => {
  class Twice extends Module {
    readonly a = new Linear(2, 2);
    readonly b = this.a;
    forward(x: tf.Tensor2D) {
      return this.b.forward(this.a.forward(x));
    }
  }
  const twice = new Twice();
  t.deepEqual(Object.keys(twice.stateDict()), ['a.weight', 'a.bias', 'b.weight', 'b.bias']);
  t.is(twice.parameters().length, 2);
  t.is(twice.numParameters(), 6);
  twice.dispose();
});

test('one seed gives one model, another seed another', t => {
  const [a, b, c] = [new Net(new Random(3)), new Net(new Random(3)), new Net(new Random(4))];
  t.deepEqual(values(a), values(b));
  t.notDeepEqual(values(a), values(c));
  seedDefaultRandom(5);
  const first = values(new Linear(3, 3));
  const second = values(new Linear(3, 3));
  seedDefaultRandom(5);
  t.deepEqual(values(new Linear(3, 3)), first);
  t.notDeepEqual(first, second);
});

test('a state dict moves every value to another model', t => {
  const [a, b] = [new Net(new Random(1)).eval(), new Net(new Random(2)).eval()];
  const diff = b.loadStateDict(a.stateDict());
  t.deepEqual(diff, {missing: [], unexpected: [], misshapen: []});
  closeTo(t, b.forward(images()), a.forward(images()), {tolerance: 0});
  a.fc.weight.assign(tf.zerosLike(a.fc.weight));
  t.true(
    b.fc.weight.dataSync().some(v => v !== 0),
    'and shares none',
  );
});

test('a dict that does not fit is refused whole, with every name and both shapes', t => {
  const net = new Net();
  const before = values(net);
  const {'fc.bias': bias, 'stem.weight': _, ...rest} = net.stateDict();
  const dict = {...rest, 'fc.bias': tf.ones([10]), 'fc.scale': bias};
  const {message} = t.throws(() => net.loadStateDict(dict));
  t.true(message.startsWith('Net.loadStateDict: the dict does not fit the module.'));
  t.regex(message, /missing \(1\):\n\s+stem\.weight\n/);
  t.regex(message, /unexpected \(1\):\n\s+fc\.scale\n/);
  t.regex(message, /of another shape \(1\):\n\s+fc\.bias: expected \[3\], got \[10\]\n/);
  t.regex(message, /strict: false/);
  t.deepEqual(values(net), before);
});

test('what fits can be loaded alone, and the rest is told', t => {
  const net = new Net();
  const fc = values(net.fc);
  const dict = {'stem.bias': tf.tensor1d([8, 9]), 'fc.weight': tf.zeros([5, 5]), other: tf.scalar(0)};
  const diff = net.loadStateDict(dict, {strict: false});
  t.deepEqual(Array.from(net.stem.bias?.dataSync() ?? []), [8, 9]);
  t.deepEqual(values(net.fc), fc);
  t.is(diff.missing.length, Object.keys(net.stateDict()).length - 2);
  t.deepEqual(diff.unexpected, ['other']);
  t.deepEqual(diff.misshapen, [{name: 'fc.weight', expected: [3, 32], got: [5, 5]}]);
});

test('the usual mistakes are recognised', t => {
  const message = (module: Module, dict: Record<string, tf.Tensor>) =>
    t.throws(() => module.loadStateDict(dict)).message;
  const prefixed = Object.fromEntries(
    Object.entries(new Net().stateDict()).map(([k, v]) => [`module.${k}`, v]),
  );
  t.regex(message(new Net(), prefixed), /starts with "module\."/);
  const conv = new Conv2d(3, 8, {kernelSize: [5, 4], bias: false});
  t.regex(message(conv, {weight: tf.zeros([8, 3, 5, 4])}), /transpose them by \(2, 3, 1, 0\)/);
  t.regex(message(new Linear(4, 3), {weight: tf.zeros([9, 4]), bias: tf.zeros([9])}), /number of classes/);
});

test('train and eval reach every part', t => {
  const net = new Net();
  net.eval();
  t.false([...net.namedModules()].some(([, module]) => module.training));
  net.train();
  t.true([...net.namedModules()].every(([, module]) => module.training));
});

test('a frozen part gets no gradient, moves no statistics and stays in the state dict', t => {
  const net = new Net();
  const names = Object.keys(net.stateDict());
  const parameters = net.namedParameters().map(([name]) => name);
  net.layer1.freeze();
  t.deepEqual(Object.keys(net.stateDict()), names);
  t.deepEqual(
    net.namedParameters().map(([name]) => name),
    parameters,
  );
  const mean = () => Array.from(net.stateDict()['layer1.0.bn1.running_mean'].dataSync());
  const {grads} = tf.variableGrads(() => tf.sum(net.forward(images())), net.parameters());
  const trained = net
    .namedParameters()
    .filter(([, variable]) => grads[variable.name])
    .map(([name]) => name);
  t.deepEqual(
    trained,
    parameters.filter(name => !name.startsWith('layer1')),
  );
  t.deepEqual(mean(), [0, 0]);
  net.layer1.unfreeze();
  tf.dispose(net.forward(images()));
  t.notDeepEqual(mean(), [0, 0]);
  t.true(net.parameters().every(variable => variable.trainable));
  t.false(net.seen.trainable, 'a buffer does not become a parameter');
});

test('a frozen batch norm has no parameters, yet the same names', t => {
  const [norm, constant] = [new BatchNorm2d(2), new FrozenBatchNorm2d(2)];
  t.deepEqual(Object.keys(constant.stateDict()), Object.keys(norm.stateDict()));
  t.is(constant.parameters().length, 0);
  t.is(constant.unfreeze().parameters().length, 0);
});

for (const relu of [false, true]) {
  test(`the gradient through a frozen batch norm is that of one in evaluation, relu: ${relu}`, t => {
    const norm = new BatchNorm2d(3);
    tf.tidy(() => {
      norm.weight.assign(tf.tensor1d([0.5, -2, 1]));
      norm.bias.assign(tf.tensor1d([0.1, 0.2, -0.3]));
      norm.running_mean.assign(tf.tensor1d([0.3, -0.1, 0]));
      norm.running_var.assign(tf.tensor1d([2, 0.5, 1]));
    });
    const constant = new FrozenBatchNorm2d(3);
    constant.loadStateDict(norm.stateDict());
    norm.eval();
    const [x, dy] = [noise<tf.Rank.R4>([2, 3, 4, 3]), noise<tf.Rank.R4>([2, 3, 4, 3], 2)];
    const [expected, actual] = [norm, constant].map(layer =>
      tf.grad(input => layer.forward(input as tf.Tensor4D, {relu}))(x, dy),
    );
    closeTo(t, actual, expected);
    closeTo(t, constant.forward(x, {relu}), norm.forward(x, {relu}));
  });
}

test('dropout repeats itself after a reseed, and each layer has masks of its own', t => {
  const net = new Sequential(new Dropout(0.5), new Dropout(0.5));
  const ones = tf.ones([64]);
  const masks = () => {
    net.reseed(9);
    return [net.layers[0].forward(ones), net.layers[1].forward(ones), net.layers[0].forward(ones)].map(y =>
      Array.from(y.dataSync()),
    );
  };
  const [a, b, later] = masks();
  t.deepEqual(masks(), [a, b, later]);
  t.notDeepEqual(a, b);
  t.notDeepEqual(a, later);
  t.notDeepEqual(Array.from(net.reseed(10).layers[0].forward(ones).dataSync()), a);
  t.true(a.every(v => v === 0 || v === 2));
  t.deepEqual(Array.from(net.eval().forward(ones).dataSync()), Array.from(ones.dataSync()));
});

test('dispose frees everything, also what was made inside a tidy', t => {
  const before = tf.memory().numTensors;
  let net = new Net();
  net.dispose();
  tf.tidy(() => {
    net = new Net();
  });
  tf.dispose(tf.tidy(() => net.forward(images())));
  net.dispose();
  t.is(tf.memory().numTensors, before);
});

test('a forward pass leaves nothing behind but its result', t => {
  const net = new Sequential(
    new Conv2d(1, 2, {kernelSize: 3, padding: 1, paddingMode: 'reflect'}),
    new BatchNorm2d(2),
    new Relu(),
    new MaxPool2d({kernelSize: 2}),
    new Dropout(),
  );
  const x = images();
  for (const mode of [true, false]) {
    net.train(mode);
    const before = tf.memory().numTensors;
    const y = net.forward(x);
    t.is(tf.memory().numTensors, before + 1, mode ? 'training' : 'evaluation');
    y.dispose();
  }
  net.dispose();
});

test('layers run in part, for features from within', t => {
  const net = new Sequential(new Conv2d(1, 2, {kernelSize: 3}), new Relu()).push(
    new MaxPool2d({kernelSize: 2}),
  );
  t.is(net.length, 3);
  const stem = net.forward(images(), 0, 2);
  closeTo(t, net.forward(stem, 2), net.forward(images()), {tolerance: 0});
  const untouched = new Sequential().forward(stem);
  t.not(untouched, stem);
});
