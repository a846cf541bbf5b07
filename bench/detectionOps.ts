// RoIAlign, RoI pooling and non-maximum suppression against torchvision's own kernels, on the CPU.
import {nonMaxSuppression, roiAlign, roiPool, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {TorchPeer} from './peers/torchPeer.ts';
import {compare, finish, timed} from './support.ts';

const engine = await selectEngine('torch');
const threads = engine.threads ?? 1;
const versions = [engine.version, `${threads} threads`];

/** Corners in an image of size × size, from a generator that torchPeer.py has too. */
function randomBoxes(count: number, size: number, least: number, most: number): tf.Tensor2D {
  let seed = 1;
  const next = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) / 2 ** 24;
  };
  const corners = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const [w, h] = [least + (most - least) * next(), least + (most - least) * next()];
    const [x, y] = [next() * (size - w), next() * (size - h)];
    corners.set([x, y, x + w, y + h], 4 * i);
  }
  return tf.tensor2d(corners, [count, 4]);
}

const heaps = [
  {name: 'few overlaps', boxes: 10_000, size: 1024, least: 8, most: 64, threshold: 0.7},
  {name: 'many overlaps', boxes: 10_000, size: 1024, least: 64, most: 256, threshold: 0.5},
];
for (const {name, ...heap} of heaps) {
  const {boxes: count, size, least, most, threshold} = heap;
  const [boxes, scores] = [randomBoxes(count, size, least, most), tf.randomUniform<tf.Rank.R1>([count])];
  const peer = await TorchPeer.load('nms', {...heap, threads});
  await compare({
    name: `nms of ${count} boxes, ${name}`,
    peer: `torchvision, ${peer.version}`,
    ours: timed(() => finish(nonMaxSuppression(boxes, scores, {iouThreshold: threshold}))),
    theirs: peer.run,
    versions,
  });
  peer.close();
}

const [boxes, channels, size, bins] = [512, 256, 50, 7];
const features = tf.randomNormal<tf.Rank.R4>([1, size, size, channels]);
const where = randomBoxes(boxes, 16 * size, 32, 8 * size);
const images = tf.zeros<tf.Rank.R1>([boxes], 'int32');
const dy = tf.randomNormal([boxes, bins, bins, channels]);
const outputSize: [number, number] = [bins, bins];
const ops = {
  roi_align: (x: tf.Tensor) =>
    roiAlign(x as tf.Tensor4D, where, images, {
      outputSize,
      spatialScale: 1 / 16,
      samplingRatio: 2,
      aligned: false,
    }),
  roi_pool: (x: tf.Tensor) => roiPool(x as tf.Tensor4D, where, images, {outputSize, spatialScale: 1 / 16}),
};
for (const op of ['roi_align', 'roi_pool'] as const) {
  const gradient = tf.grad(ops[op]);
  for (const direction of ['forward', 'both'] as const) {
    const peer = await TorchPeer.load('roi_op', {op, boxes, channels, size, bins, direction, threads});
    await compare({
      name: `${op} of ${boxes} boxes, ${size}²×${channels}, ${direction === 'both' ? 'forward and backward' : 'forward'}`,
      peer: `torchvision, ${peer.version}`,
      ours: timed(() => finish(direction === 'both' ? gradient(features, dy) : ops[op](features))),
      theirs: peer.run,
      versions,
    });
    peer.close();
  }
}
