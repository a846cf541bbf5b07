// The engines against each other: a training step of ResNet-20 on images of CIFAR's size, and the gradients of a
// convolution. tfjs's cpu engine takes part with a single image only.
import {conv2d, type EngineName, selectEngine} from '@foveal/core';
import {resNet20} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {TorchPeer} from './peers/torchPeer.ts';
import {compare, type Program, timed} from './support.ts';
import {trainingStep} from './trainingStep.ts';

/** Keeps each engine's tensors on that engine: its program is built there, and runs there. */
async function on(engine: EngineName, build: () => () => unknown): Promise<Program> {
  await selectEngine(engine);
  const run = timed(build());
  return async () => {
    await selectEngine(engine);
    return run();
  };
}

const torch = await selectEngine('torch');
const versions = [torch.version, `${torch.threads} threads`];
const step = (batch: number) => () => trainingStep(resNet20(), {batch, size: 32, classes: 10});

const ours = await on('torch', step(32));
const name = 'ResNet-20 training step, batch 32';
await compare({name, peer: 'wasm engine', ours, theirs: await on('wasm', step(32)), versions});
const peer = await TorchPeer.load('resnet20_step', {threads: torch.threads});
await compare({name, peer: `${peer.version} eager, channels_last`, ours, theirs: peer.run, versions});
peer.close();
await compare({
  name: 'ResNet-20 training step, batch 1',
  peer: 'cpu engine',
  ours: await on('torch', step(1)),
  theirs: await on('cpu', step(1)),
  rounds: 1, // seconds each
  warmUp: 0,
  versions,
});

/** Forward and both gradients of a 3 × 3 convolution. */
const convolution = (batch: number, size: number, channels: number) => () => {
  const x = tf.randomNormal<tf.Rank.R4>([batch, size, size, channels]);
  const filter = tf.randomNormal<tf.Rank.R4>([3, 3, channels, channels]);
  const gradients = tf.valueAndGrads((image: tf.Tensor, weight: tf.Tensor) =>
    tf.sum(conv2d(image as tf.Tensor4D, weight as tf.Tensor4D, null, {padding: 1})),
  );
  return () => {
    const {value, grads} = gradients([x, filter]);
    for (const result of [value, ...grads]) result.dataSync();
    tf.dispose([value, grads]);
  };
};
for (const [engine, batch, size, channels] of [
  ['wasm', 8, 56, 64],
  ['cpu', 1, 14, 16],
] as const) {
  await compare({
    name: `convolution with both gradients, ${batch}×${size}²×${channels}, 3×3`,
    peer: `${engine} engine`,
    ours: await on('torch', convolution(batch, size, channels)),
    theirs: await on(engine, convolution(batch, size, channels)),
    versions,
  });
}
