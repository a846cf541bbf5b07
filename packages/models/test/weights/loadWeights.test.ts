import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {denseNet121} from '../../src/denseNet.js';
import {googLeNet} from '../../src/googLeNet.js';
import {leNet5} from '../../src/leNet.js';
import {resNet20, resNet32} from '../../src/resNetCifar.js';
import {loadWeights} from '../../src/weights/loadWeights.js';
import {modelTensors, saveWeights} from '../../src/weights/saveWeights.js';
import type {WeightsTensor} from '../../src/weights/weightsFile.js';
import {writeSafetensors} from '../../src/weights/writeSafetensors.js';
import {refuses, temporaryFolder} from './support.js';

test.before(async () => {
  await selectEngine();
});

test.serial('a saved model loads into another one and gives the same logits', async t => {
  const path = join(await temporaryFolder(t), 'lenet.safetensors');
  const [one, other] = [leNet5(), leNet5()];
  const image = tf.randomNormal<tf.Rank.R4>([2, 28, 28, 1], 0, 1, 'float32', 5);
  const before = tf.memory().numTensors;
  await saveWeights(one, path, {model: 'lenet5'});
  const {loaded, metadata} = await loadWeights(other, path);
  t.is(tf.memory().numTensors, before);
  t.deepEqual([loaded, metadata], [10, {model: 'lenet5'}]);
  t.deepEqual([...other.forward(image).dataSync()], [...one.forward(image).dataSync()]);
});

test.serial('filters lie in files as [out, in, height, width]', async t => {
  const model = leNet5();
  const {shape, data} = (await modelTensors(model)).get('c3.weight')!;
  t.deepEqual(shape, [16, 6, 5, 5]);
  const filter = (await model.c3.weight.array()) as number[][][][];
  const [o, i, y, x] = [11, 4, 3, 2];
  t.is(data[((o * 6 + i) * 5 + y) * 5 + x], filter[y][x][i][o]);
});

test.serial('a prefix module. and batch counts, as DataParallel leaves them, are dropped', async t => {
  const path = join(await temporaryFolder(t), 'parallel.safetensors');
  const model = resNet20();
  const tensors = new Map<string, WeightsTensor>();
  for (const [name, tensor] of await modelTensors(model)) {
    tensors.set(`module.${name}`, tensor);
    if (name.endsWith('running_var')) {
      const counter = name.replace('running_var', 'num_batches_tracked');
      tensors.set(`module.${counter}`, {dtype: 'int64', shape: [], data: Float64Array.of(3)});
    }
  }
  await writeSafetensors(path, tensors);
  t.is((await loadWeights(resNet20(), path)).loaded, 97);
});

test.serial(
  'weights of another architecture give one short error with counts, and nothing is loaded',
  async t => {
    const path = join(await temporaryFolder(t), 'resnet32.safetensors');
    await saveWeights(resNet32(), path);
    const model = resNet20({numClasses: 7});
    const before = [...model.linear.bias!.dataSync()];
    await refuses(
      t,
      path,
      loadWeights(model, path),
      /do not fit ResNetCifar \(97 tensors\):\n {2}60 unknown to the model: layer1\.3\.conv1\.weight, .*, and 56 more\n {2}2 of another shape: linear\.weight expected \[7,64\], got \[10,64\], linear\.bias expected \[7\], got \[10\]\n.*strict: false/,
    );
    t.deepEqual([...model.linear.bias!.dataSync()], before);
    await refuses(t, path, loadWeights(leNet5(), path), /10 missing in the file: c1\.weight/);
    await saveWeights(resNet32(), path, {model: 'resnet32'});
    await refuses(
      t,
      path,
      loadWeights(model, path),
      /the file holds the model "resnet32"; the weights do not fit/,
    );
  },
);

test.serial('without strict, what fits is loaded and the rest is told', async t => {
  const path = join(await temporaryFolder(t), 'resnet32.safetensors');
  const source = resNet32();
  await saveWeights(source, path);
  const model = resNet20({numClasses: 7});
  const report = await loadWeights(model, path, {strict: false});
  t.deepEqual(
    [report.loaded, report.missing.length, report.unexpected.length, report.misshapen.length],
    [95, 0, 60, 2],
  );
  t.deepEqual([...model.conv1.weight.dataSync()], [...source.conv1.weight.dataSync()]);
});

test.serial(
  'for other classes the last layer starts anew and all else is loaded, or it is an error',
  async t => {
    const path = join(await temporaryFolder(t), 'resnet20.safetensors');
    const source = resNet20();
    await saveWeights(source, path);
    const model = resNet20({numClasses: 7});
    const before = [...model.linear.bias!.dataSync()];
    await refuses(t, path, loadWeights(model, path), /2 of another shape.*head: 'replace'/s);
    const {loaded, newHead, misshapen} = await loadWeights(model, path, {head: 'replace'});
    t.deepEqual([loaded, newHead, misshapen], [95, ['linear.weight', 'linear.bias'], []]);
    t.deepEqual([...model.linear.bias!.dataSync()], before);
    t.deepEqual([...model.conv1.weight.dataSync()], [...source.conv1.weight.dataSync()]);

    const same = await loadWeights(resNet20(), path, {head: 'replace'});
    t.deepEqual([same.loaded, same.newHead], [97, []]);
    const others = resNet20();
    const start = [...others.linear.weight.dataSync()];
    const renewed = await loadWeights(others, path, {head: 'renew'});
    t.deepEqual([renewed.loaded, renewed.newHead], [95, ['linear.weight', 'linear.bias']]);
    t.deepEqual([...others.linear.weight.dataSync()], start);
    t.deepEqual([...others.conv1.weight.dataSync()], [...source.conv1.weight.dataSync()]);
    await refuses(
      t,
      path,
      loadWeights(resNet32({numClasses: 7}), path, {head: 'replace'}),
      /60 missing in the file/,
    );
  },
);

test.serial('a file without a last layer is enough for a new one', async t => {
  const path = join(await temporaryFolder(t), 'headless.safetensors');
  const tensors = await modelTensors(resNet20());
  await writeSafetensors(path, new Map([...tensors].filter(([name]) => !name.startsWith('linear.'))));
  const {newHead, missing} = await loadWeights(resNet20(), path, {head: 'replace'});
  t.deepEqual([newHead, missing], [['linear.weight', 'linear.bias'], []]);
});

test.serial(
  'published GoogLeNets have auxiliary heads, which a network takes, leaves or starts anew',
  async t => {
    const path = join(await temporaryFolder(t), 'googlenet.safetensors');
    const source = googLeNet({numClasses: 5, auxiliary: true});
    await saveWeights(source, path);
    const {loaded, unexpected} = await loadWeights(googLeNet({numClasses: 5}), path);
    t.deepEqual([loaded, unexpected], [Object.keys(googLeNet({numClasses: 5}).stateDict()).length, []]);
    const {newHead} = await loadWeights(googLeNet({numClasses: 2, auxiliary: true}), path, {head: 'replace'});
    t.deepEqual(newHead.sort(), [
      ...['aux1.fc2.bias', 'aux1.fc2.weight', 'aux2.fc2.bias', 'aux2.fc2.weight'],
      ...['fc.bias', 'fc.weight'],
    ]);
  },
);

test.serial('published DenseNets have dots in some names', async t => {
  const path = join(await temporaryFolder(t), 'densenet.safetensors');
  const tensors = await modelTensors(denseNet121());
  const old = (name: string) => name.replace(/(denselayer\d+\.(norm|conv))([12])/, '$1.$3');
  await writeSafetensors(path, new Map([...tensors].map(([name, tensor]) => [old(name), tensor])));
  t.true(old('features.denseblock1.denselayer2.norm1.weight').includes('denselayer2.norm.1.weight'));
  t.is((await loadWeights(denseNet121(), path)).loaded, tensors.size);
});
