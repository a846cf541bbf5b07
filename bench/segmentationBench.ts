import {Sgd, selectEngine, variableGrads} from '@foveal/core';
import {predictClasses, type SegmentationNetwork, segmenter} from '@foveal/tasks';
import * as tf from '@tensorflow/tfjs-core';
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

/** A training step and a forward pass of one image, and what memory the step takes, against PyTorch's eager mode. */
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
  const forward = async () => {
    network.eval();
    await predictClasses(network, images, {classes});
  };
  for (const [what, workload, ours, memory] of [
    ['inference', 'segmentation_inference', forward, false],
    ['training step', 'segmentation_step', step, true],
  ] as const) {
    const peer = await TorchPeer.load(workload, {threads, model, size, classes});
    const title = `${name} ${what}, one image of ${size}²`;
    const against = `${peer.version} eager, channels_last`;
    await compare({
      name: title,
      peer: against,
      ours: timed(ours),
      theirs: peer.run,
      versions,
      rounds: 5,
      warmUp: 1,
    });
    if (memory) await comparePeakMemory({name: title, peer: against, versions}, peer);
    peer.close();
  }
}
