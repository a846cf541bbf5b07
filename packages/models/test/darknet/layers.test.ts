import {readFileSync} from 'node:fs';
import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {Darknet} from '../../src/darknet/darknet.js';
import {darknetTensors} from '../../src/darknet/darknetTensors.js';
import {fuseBatchNorm} from '../../src/darknet/fuseBatchNorm.js';
import {parseCfg} from '../../src/darknet/parseCfg.js';
import {watchOutputs} from '../../src/watchOutputs.js';
import {fill, noise} from '../filled.js';
import {golden} from '../weights/support.js';

interface Golden {
  name: string;
  cfg: string;
  /** The image is noise times this. */
  scale: number;
  input: [number, number, number, number];
  output: {shape: number[]; values: number[]};
}

/** As a share of the largest value. */
const tolerance = 1e-5;

test.before(() => selectEngine());

for (const {name, cfg, scale, input, output} of JSON.parse(
  readFileSync(golden('darknet.json'), 'utf8'),
) as Golden[]) {
  test(`${name}: the layer gives what PyTorch gives`, t => {
    const parsed = parseCfg(cfg);
    const network = new Darknet(parsed).eval();
    fill(network, Object.fromEntries(darknetTensors(parsed).map(({name, shape}) => [name, shape])));
    const [got] = tf.tidy(() => {
      const values = noise('input', tf.util.sizeFromShape(input)).map(value => value * scale);
      return network.forward(tf.tensor4d(Float32Array.from(values), input));
    });
    t.deepEqual(got.shape, output.shape);
    const most = Math.max(...output.values.map(Math.abs));
    const difference = Math.max(...got.dataSync().map((value, i) => Math.abs(value - output.values[i])));
    t.true(difference <= tolerance * most, `differs by ${difference} of ${most}`);
    network.dispose();
    got.dispose();
  });
}

test('a forward pass leaves nothing behind but the heads’ inputs', t => {
  const head = '[yolo]\nmask=0\nanchors=3,3, 5,5\nnum=2\nclasses=1\n';
  const cfg = `[net]\nwidth=8\nheight=8\n[convolutional]\nfilters=6\n${head}[route]\nlayers=0\n[upsample]\n${head}`;
  const network = new Darknet(parseCfg(cfg));
  const image = tf.zeros<tf.Rank.R4>([1, 8, 8, 3]);
  const before = tf.memory().numTensors;
  const outputs = network.forward(image);
  t.deepEqual(
    outputs.map(({shape}) => shape),
    [
      [1, 8, 8, 6],
      [1, 16, 16, 6],
    ],
  );
  t.is(tf.memory().numTensors, before + 2);
  tf.dispose(outputs);
});

test('gradients reach every parameter, but none of a frozen layer', t => {
  const layer = '[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\npad=1\nactivation=leaky\n';
  const cfg = `[net]\nwidth=8\nheight=8\n${layer}${layer}[shortcut]\nfrom=0\n[reorg]\nstride=2\n[convolutional]\nfilters=2\n`;
  const network = new Darknet(parseCfg(cfg));
  const image = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], -1, 1, 'float32', 5);
  const learn = () => {
    const trained = network.parameters().filter(({trainable}) => trainable);
    return tf.variableGrads(() => tf.sum(tf.square(network.forward(image)[0])), trained).grads;
  };
  const all = learn();
  t.is(Object.keys(all).length, 8);
  for (const gradient of Object.values(all)) t.true(tf.sum(tf.abs(gradient)).dataSync()[0] > 0);
  network.freezeLayers(1);
  const frozen = network.stateDict()['layers.0.bn.running_mean'].dataSync();
  t.is(Object.keys(learn()).length, 5);
  t.deepEqual(network.stateDict()['layers.0.bn.running_mean'].dataSync(), frozen);
  t.throws(() => network.freezeLayers(9), {message: /expected 0 to 5 layers, got 9/});
});

test('batch norms folded into their convolutions change nothing but the number of passes', t => {
  const layer = '[convolutional]\nbatch_normalize=1\nfilters=6\nsize=3\npad=1\nactivation=leaky\n';
  const cfg = parseCfg(
    `[net]\nwidth=8\nheight=8\n${layer}${layer}groups=3\n[convolutional]\nfilters=2\n[connected]\noutput=3\n`,
  );
  const network = new Darknet(cfg).eval();
  fill(network, Object.fromEntries(darknetTensors(cfg).map(({name, shape}) => [name, shape])));
  const fused = fuseBatchNorm(network);
  t.is(Object.keys(fused.stateDict()).filter(name => name.includes('.bn.')).length, 0);
  const image = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], -1, 1, 'float32', 5);
  const [before, after] = [network, fused].map(one => one.forward(image)[0].dataSync());
  t.true(Math.max(...before.map((value, i) => Math.abs(value - after[i]))) < 1e-5);
});

test('a convolution adds for the shortcut behind it; what nobody merges gives the same', t => {
  const layer = '[convolutional]\nbatch_normalize=1\nfilters=6\nsize=3\npad=1\nactivation=';
  const dropped = '[dropout]\nprobability=.5\n';
  const cfg = parseCfg(
    `[net]\nwidth=8\nheight=8\n${layer}leaky\n` +
      `${layer}linear\n${dropped}[shortcut]\nfrom=0\nactivation=leaky\n` + // merged
      `${layer}relu\n[shortcut]\nfrom=3\n` + // not linear
      `${layer}linear\n[shortcut]\nfrom=5\nactivation=linear\n[route]\nlayers=6,7\n`, // read twice
  );
  const network = new Darknet(cfg).eval();
  fill(network, Object.fromEntries(darknetTensors(cfg).map(({name, shape}) => [name, shape])));
  const image = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], -1, 1, 'float32', 5);
  const before = tf.memory().numTensors;
  const merged = network.forward(image)[0];
  t.is(tf.memory().numTensors, before + 1);
  const seen: number[] = [];
  const apart = watchOutputs(
    network.layers,
    layer => seen.push(network.layers.indexOf(layer)),
    () => network.forward(image)[0],
  );
  t.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  t.deepEqual(merged.shape, [2, 8, 8, 12]);
  const difference = tf.max(tf.abs(tf.sub(merged, apart))).dataSync()[0];
  t.true(difference < 1e-5, `differs by ${difference}`);
});
