// A pass of ResNet-20 over 5,000 images of CIFAR's format, batch 128, reading included: the torch engine through the
// loader that users have, against PyTorch's eager mode on tensors in memory. FOVEAL_CIFAR10 names a folder with real
// images; without it they are noise, which takes as long.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Random, Sgd, selectEngine, softmaxCrossEntropy, variableGrads} from '@foveal/core';
import {batches, cifar10} from '@foveal/data';
import {cifarEval, resNet20} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {TorchPeer} from './peers/torchPeer.ts';
import {compare, timed} from './support.ts';

const engine = await selectEngine('torch');
const threads = engine.threads ?? 1;
const folder = process.env['FOVEAL_CIFAR10'] ?? noise(5000);
const data = await cifar10(folder, {split: 'train'});
const model = resNet20().train();
const parameters = model.parameters();
const optimizer = new Sgd(parameters, {learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4});
const shuffle = new Random(1);

async function epoch(): Promise<void> {
  let last: tf.Scalar | undefined;
  for await (const {images, labels} of batches(data, {batchSize: 128, preprocess: cifarEval, shuffle})) {
    const {value, grads} = variableGrads(
      () => softmaxCrossEntropy(model.forward(images), labels) as tf.Scalar,
      parameters,
    );
    optimizer.step(grads);
    tf.dispose([grads, images, labels, last]);
    last = value;
  }
  await last?.data();
  last?.dispose();
}

const peer = await TorchPeer.load('resnet20_epoch', {threads, folder});
await compare({
  name: `ResNet-20 epoch, ${data.length.toLocaleString('en')} images, batch 128, reading included`,
  peer: `${peer.version} eager, channels_last`,
  ours: timed(epoch),
  theirs: peer.run,
  rounds: 3,
  warmUp: 1,
  versions: [engine.version, `${threads} threads`],
});
peer.close();

/** A folder with so many random images in CIFAR-10's binary format. */
function noise(count: number): string {
  const made = mkdtempSync(join(tmpdir(), 'cifar-noise-'));
  process.once('exit', () => rmSync(made, {recursive: true, force: true}));
  const random = new Random(7);
  const bytes = Buffer.alloc(count * 3073);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i % 3073 === 0 ? random.int(10) : random.int(256);
  writeFileSync(join(made, 'data_batch_1.bin'), bytes);
  return made;
}
