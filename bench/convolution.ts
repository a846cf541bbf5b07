// Convolutions in GFLOP/s, forward and both gradients: the torch engine against the machine's peak, which is a large
// matrix product, and against PyTorch.
import {conv2d, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {TorchPeer} from './peers/torchPeer.ts';
import {compare, finish, type Program, timed} from './support.ts';

const shapes = [
  {batch: 8, size: 56, inputs: 64, outputs: 64, kernel: 3, stride: 1},
  {batch: 8, size: 28, inputs: 128, outputs: 128, kernel: 3, stride: 1},
  {batch: 8, size: 56, inputs: 64, outputs: 128, kernel: 3, stride: 2},
  {batch: 8, size: 56, inputs: 64, outputs: 256, kernel: 1, stride: 1},
  {batch: 32, size: 32, inputs: 16, outputs: 16, kernel: 3, stride: 1},
];
const directions = ['forward', 'input', 'filter'] as const;

const engine = await selectEngine('torch');
const threads = engine.threads ?? 1;
const versions = [engine.version, `${threads} threads`];
/** GFLOP/s of a program that does so many operations. */
const speed =
  (flops: number, milliseconds: Program): Program =>
  async () =>
    flops / (await milliseconds()) / 1e6;

const edge = 2048;
const [a, b] = [tf.randomNormal([edge, edge]), tf.randomNormal([edge, edge])];
const peak = speed(
  2 * edge ** 3,
  timed(() => finish(tf.matMul(a, b))),
);

for (const shape of shapes) {
  const {batch, size, inputs, outputs, kernel, stride} = shape;
  const options = {stride, padding: Math.floor(kernel / 2)};
  const x = tf.randomNormal<tf.Rank.R4>([batch, size, size, inputs]);
  const filter = tf.randomNormal<tf.Rank.R4>([kernel, kernel, inputs, outputs]);
  const y = conv2d(x, filter, null, options);
  const dy = tf.randomNormal(y.shape);
  const attrs = {
    strides: [stride, stride],
    padding: Array<number>(4).fill(options.padding),
    dilations: [1, 1],
    groups: 1,
  };
  const run = (kernelName: string, tensors: tf.NamedTensorMap, more: object) =>
    finish(tf.engine().runKernel(kernelName, tensors, {...attrs, ...more}));
  const ours = {
    forward: () => finish(conv2d(x, filter, null, options)),
    input: () => run('ConvolutionInputGrad', {dy, filter}, {inputShape: x.shape}),
    filter: () => run('ConvolutionFilterGrad', {x, dy}, {filterShape: filter.shape}),
  };
  const flops = 2 * y.size * kernel * kernel * inputs;
  for (const direction of directions) {
    const what = {forward: 'convolution', input: 'its input gradient', filter: 'its filter gradient'}[
      direction
    ];
    const common = {
      name: `${what}, ${batch}×${size}²×${inputs} → ${outputs}, ${kernel}×${kernel}, stride ${stride}`,
      unit: 'GFLOP/s',
      ours: speed(flops, timed(ours[direction])),
      versions,
    } as const;
    await compare({...common, peer: `peak, a product of ${edge}² matrices`, theirs: peak});
    const peer = await TorchPeer.load('convolution', {...shape, threads, direction});
    await compare({...common, peer: `${peer.version}, channels_last`, theirs: speed(flops, peer.run)});
    peer.close();
  }
  tf.dispose([x, filter, y, dy]);
}
