// What ResNet-20 learns from 5,000 CIFAR-10 images, by one recipe here and in PyTorch: 20 epochs, batch 128, SGD with
// momentum 0.9 and decay 1e-4, 0.1 falling by a cosine, crops and flips. FOVEAL_CIFAR10 names the folder with
// data_batch_1.bin and test_batch.bin. Ten minutes on two cores.
import {selectEngine} from '@foveal/core';
import {cifar10, compose, randomCrop, randomFlip} from '@foveal/data';
import {classifier, evaluate, train} from '@foveal/tasks';
import {TorchPeer} from './peers/torchPeer.ts';
import {compare} from './support.ts';

const folder = process.env['FOVEAL_CIFAR10'];
if (!folder) throw new Error("cifarTraining: set FOVEAL_CIFAR10 to a folder in CIFAR-10's binary format.");
const epochs = 20;
const engine = await selectEngine('torch');
const training = await cifar10(folder, {split: 'train'});
const testing = await cifar10(folder, {split: 'test'});
const peer = await TorchPeer.load('resnet20_training', {threads: engine.threads, folder, epochs});

async function accuracy(): Promise<number> {
  const model = classifier('resnet20', {categories: training.categories, seed: 1});
  await train(model, training, {
    epochs,
    batchSize: 128,
    optimizer: 'sgd',
    learningRate: 0.1,
    schedule: 'cosine',
    weightDecay: 1e-4,
    augment: compose(randomCrop(), randomFlip()),
    seed: 1,
  });
  return 100 * (await evaluate(model, testing)).top1;
}

await compare({
  name: `ResNet-20 after ${epochs} epochs on ${training.length.toLocaleString('en')} CIFAR-10 images, accuracy on ${testing.length.toLocaleString('en')}`,
  peer: `${peer.version}, the same recipe`,
  unit: '%',
  ours: accuracy,
  theirs: peer.result,
  rounds: 1,
  warmUp: 0,
  versions: [engine.version],
});
peer.close();
