import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Sgd, selectEngine, variableGrads} from '@foveal/core';
import {loadWeights} from '@foveal/models';
import {predictClasses, type SegmentationNetwork, segmenter} from '@foveal/tasks';
import * as tf from '@tensorflow/tfjs-core';
import {OnnxPeer} from './peers/onnxPeer.ts';
import {TorchPeer} from './peers/torchPeer.ts';
import {compare, comparePeakMemory, timed} from './support.ts';

export interface SegmentationBench {
  /** Of the comparison: `U-Net`. */
  name: string;
  /** The network in `bench/peers/segmentation.py`. */
  peer: string;
  build: () => SegmentationNetwork;
  size: number;
  classes: number;
}

/**
 * A training step of one image and what memory it takes, against PyTorch's eager mode; and a forward pass against that
 * and onnxruntime-node, all by the same weights.
 */
export async function segmentationBench({name, peer: model, build, size, classes}: SegmentationBench) {
  const engine = await selectEngine('torch');
  const threads = engine.threads ?? 1;
  const versions = [engine.version, `${threads} threads`];
  const network = build();
  const shape = [1, size, size] as [number, number, number];
  const images = tf.randomNormal([...shape, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
  const labels = tf.tensor3d(
    Int32Array.from({length: size * size}, (_, i) => i % classes),
    shape,
    'int32',
  );
  const categories = Array.from({length: classes}, (_, c) => `${c}`);
  const preprocess = {
    inputSize: [size, size] as [number, number],
    color: 'rgb' as const,
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
  const task = segmenter(network, {categories, preprocess});
  const optimizer = new Sgd(network.parameters(), {learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4});
  const step = () => {
    network.train();
    const {value, grads} = variableGrads(
      () => tf.addN(Object.values(task.losses({images, labels, files: ['noise']}))) as tf.Scalar,
      network.parameters(),
    );
    optimizer.step(grads);
    tf.dispose(grads);
    value.dataSync();
    value.dispose();
  };
  const rounds = {rounds: 5, warmUp: 1, versions};
  const eager = {threads, model, size, classes};

  const training = await TorchPeer.load('segmentation_step', eager);
  const peer = `${training.version} eager, channels_last`;
  const title = `${name} training step, one image of ${size}²`;
  await compare({name: title, peer, ours: timed(step), theirs: training.run, ...rounds});
  await comparePeakMemory({name: title, peer, versions}, training);
  training.close();

  const folder = await mkdtemp(join(tmpdir(), 'foveal-bench-'));
  try {
    const torch = await TorchPeer.load('segmentation_inference', {...eager, folder});
    await loadWeights(network, join(folder, 'network.pth'));
    network.eval();
    const forward = timed(() => predictClasses(network, images, {classes}));
    const title = `${name} inference, one image of ${size}²`;
    await compare({name: title, peer, ours: forward, theirs: torch.run, ...rounds});
    torch.close();
    const onnx = await OnnxPeer.load(folder, images, threads);
    if (!onnx) return;
    checkEqual(network, images, await onnx.logits());
    const used = [...versions, onnx.version];
    await compare({
      name: title,
      peer: onnx.version,
      ours: forward,
      theirs: onnx.run,
      ...rounds,
      versions: used,
    });
    onnx.close();
  } finally {
    await rm(folder, {recursive: true});
  }
}

/** @throws Error if logits differ by more than a thousandth of the largest. */
function checkEqual(network: SegmentationNetwork, images: tf.Tensor4D, theirs: Float32Array): void {
  const ours = tf.tidy(() => tf.transpose(network.forward(images), [0, 3, 1, 2]).dataSync<'float32'>());
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const off = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0) / largest;
  console.log(`logits differ by at most ${off.toExponential(1)} of the largest, ${largest.toPrecision(3)}`);
  if (ours.length !== theirs.length || !(off <= 1e-3)) throw new Error('onnxruntime gives other logits.');
}
