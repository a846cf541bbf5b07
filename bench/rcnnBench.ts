import {pasteMasks, Sgd, selectEngine, variableGrads} from '@foveal/core';
import {
  type DetectionBatch,
  type FasterRcnn,
  fasterRcnnResNet50Fpn,
  maskRcnnResNet50Fpn,
} from '@foveal/tasks';
import * as tf from '@tensorflow/tfjs-core';
import {TorchPeer} from './peers/torchPeer.ts';
import {compare, comparePeakMemory, timed} from './support.ts';

const size = 512;
const objects = 8;
const builders = {faster: fasterRcnnResNet50Fpn, mask: maskRcnnResNet50Fpn};
const names = {faster: 'Faster R-CNN R50-FPN', mask: 'Mask R-CNN R50-FPN'};

/** Compares a training step and inference with torchvision's. */
export async function rcnnBench(kind: keyof typeof builders): Promise<void> {
  const engine = await selectEngine('torch');
  const threads = engine.threads ?? 1;
  const versions = [engine.version, `${threads} threads`];
  const batch = Number(process.env['FOVEAL_RCNN_BATCH'] ?? 1);
  const only = process.env['FOVEAL_RCNN_ONLY'];
  const rounds = Number(process.env['FOVEAL_RCNN_ROUNDS'] ?? 7);
  const masks = kind === 'mask';
  const runs = [
    {
      mode: 'inference',
      name: `${names[kind]} inference, ${size}²`,
      peer: () => TorchPeer.load('rcnn_inference', {threads, masks, size}),
      ours: () => inference(builders[kind]({minSize: size, maxSize: size, rois: {scoreThreshold: 0}})),
    },
    {
      mode: 'step',
      name: `${names[kind]} training step, batch ${batch}, ${size}²`,
      peer: () => TorchPeer.load('rcnn_step', {threads, masks, batch, size, objects}),
      ours: () => trainingStep(builders[kind]({minSize: size, maxSize: size, frozenStages: 1}), batch),
    },
  ];
  for (const {mode, name, peer: load, ours} of runs) {
    if (only && only !== mode) continue;
    const peer = await load();
    const label = `torchvision 0.14, ${peer.version} eager, channels_last`;
    await compare({name, peer: label, ours: timed(ours()), theirs: peer.run, rounds, warmUp: 1, versions});
    await comparePeakMemory({name, peer: label, versions}, peer);
    peer.close();
  }
}

const noise = (batch: number) => tf.randomUniform<tf.Rank.R4>([batch, size, size, 3], -2, 2, 'float32', 1);

const placement = {size: [size, size], scale: [1, 1], offset: [0, 0]} as const;

function trainingStep(network: FasterRcnn, count: number): () => number {
  network.train();
  const batch = exampleBatch(count);
  const parameters = network.parameters();
  const optimizer = new Sgd(parameters, {learningRate: 0.001, momentum: 0.9, weightDecay: 1e-4});
  return () => {
    const {value, grads} = variableGrads(
      () => tf.addN(Object.values(network.losses(batch))) as tf.Scalar,
      parameters,
    );
    optimizer.step(grads);
    tf.dispose(grads);
    const [loss] = value.dataSync();
    value.dispose();
    return loss;
  };
}

function exampleBatch(count: number): DetectionBatch {
  const side = Math.floor(size / 5);
  const corners = Array.from({length: objects}, (_, i) => [
    ((i % 4) * size) / 4,
    (Math.floor(i / 4) * size) / 2,
  ]);
  const masks = new Float32Array(objects * size * size);
  corners.forEach(([x, y], i) => {
    for (let row = y; row < y + side; row++) {
      const start = (i * size + row) * size + x;
      masks.fill(1, start, start + side);
    }
  });
  const target = {
    boxes: tf.tensor2d(
      corners.flatMap(([x, y]) => [x, y, x + size / 5, y + size / 5]),
      [objects, 4],
    ),
    labels: tf.tensor1d([...corners.keys()], 'int32'),
    masks: tf.tensor3d(masks, [objects, size, size]),
  };
  const all = Array.from({length: count}, () => target);
  return {images: noise(count), placements: all.map(() => placement), targets: all, files: []};
}

function inference(network: FasterRcnn): () => number {
  network.eval();
  const image = noise(1);
  return () =>
    tf.tidy(() => {
      const [{boxes, scores, masks}] = network.detect(image, [placement]);
      if (masks) pasteMasks(masks, boxes, {height: size, width: size}).dataSync();
      return scores.dataSync().length;
    });
}
