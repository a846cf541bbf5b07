// The small ops between a detector's kernels: matching, sampling, filtering. Their sizes are known only as they run, and
// may be zero; on torch all of them must be native.
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {boxArea, clipBoxes} from '../../src/boxes.js';
import {boxIou} from '../../src/ops/boxIou.js';
import {giouLoss} from '../../src/ops/boxLosses.js';
import {indicesWhere} from '../../src/ops/indicesWhere.js';
import {batchedNms} from '../../src/ops/nonMaxSuppression.js';
import {roiAlign} from '../../src/ops/roiAlign.js';
import {sigmoidCrossEntropy} from '../../src/ops/sigmoidFocalLoss.js';
import {smoothL1Loss} from '../../src/ops/smoothL1Loss.js';
import {topKIndices} from '../../src/ops/topKIndices.js';
import {closeTo, noFallbacks, noise, registerOps} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

const anchors = tf.tidy(() => {
  const corner = tf.mul(tf.add(noise<tf.Rank.R2>([60, 2]), 1), 20);
  return tf.keep(tf.concat([corner, tf.add(corner, 12)], 1)) as tf.Tensor2D;
});

/** A loss from deltas by way of matching, sampling, filtering and pooling. */
function loss(deltas: tf.Tensor2D, truth: tf.Tensor2D): tf.Scalar {
  const boxes = clipBoxes(tf.add(anchors, deltas) as tf.Tensor2D, [48, 56]);
  const scores = tf.reshape(tf.slice(deltas, [0, 0], [-1, 1]), [-1]) as tf.Tensor1D;
  const isLarge = tf.greater(boxArea(boxes), 4) as tf.Tensor1D;
  const some = topKIndices(scores, 50);
  const large = tf.gather(some, indicesWhere(tf.gather(isLarge, some))) as tf.Tensor1D;
  const labels = tf.cast(tf.greater(tf.gather(scores, large), 0), 'int32') as tf.Tensor1D;
  const kept = batchedNms(tf.gather(boxes, large), tf.gather(scores, large), labels, {iouThreshold: 0.5});
  const chosen = tf.concat([tf.slice(tf.gather(large, kept), [0], [Math.min(20, kept.size)]), some]);
  const proposals = tf.gather(boxes, chosen) as tf.Tensor2D;

  const count = truth.shape[0];
  const overlaps = boxIou(truth, proposals);
  const best = count ? tf.max(overlaps, 0) : tf.zerosLike(tf.gather(scores, chosen));
  const match = count ? tf.argMax(overlaps, 0) : tf.zeros<tf.Rank.R1>([chosen.size], 'int32');
  const target = tf.where(tf.greaterEqual(best, 0.3), tf.onesLike(best), tf.zerosLike(best));
  const positive = indicesWhere(tf.greaterEqual(best, 0.3) as tf.Tensor1D);
  const matched = tf.gather(truth, tf.gather(match, positive)) as tf.Tensor2D;
  const predicted = tf.gather(proposals, positive) as tf.Tensor2D;
  const pooled = roiAlign(tf.ones([1, 6, 7, 2]), predicted, tf.zeros([positive.size], 'int32'), {
    outputSize: [2, 2],
    spatialScale: 1 / 8,
  });
  return tf.addN([
    sigmoidCrossEntropy(tf.gather(scores, chosen), target),
    smoothL1Loss(predicted, matched, {beta: 1 / 9}),
    giouLoss(predicted, matched),
    tf.sum(pooled),
  ]) as tf.Scalar;
}

for (const [name, truth] of [
  ['objects', tf.tensor2d([5, 5, 17, 18, 20, 22, 35, 33], [2, 4])],
  ['no objects', tf.zeros<tf.Rank.R2>([0, 4])],
] as const) {
  test(`a step with ${name} has a finite loss and gradient, and leaves nothing behind`, t => {
    const deltas = noise<tf.Rank.R2>([60, 4], 3);
    const step = tf.valueAndGrad(x => loss(x as tf.Tensor2D, truth));
    const before = tf.memory().numTensors;
    const {value, grad} = step(deltas);
    t.true(Number.isFinite(value.dataSync()[0]));
    t.true(grad.dataSync<'float32'>().every(Number.isFinite));
    t.is(tf.memory().numTensors, before + 2);
  });
}

test('indices of no rows choose none, and take their gradient along', t => {
  const [rows, none] = [noise<tf.Rank.R2>([3, 4]), tf.zeros<tf.Rank.R1>([0], 'int32')];
  t.deepEqual(tf.gather(rows, none).shape, [0, 4]);
  closeTo(t, tf.grad(x => tf.sum(tf.gather(x, none)))(rows), tf.zeros([3, 4]));
  const joined = tf.concat([tf.gather(rows, none), rows]);
  closeTo(t, joined, rows);
  closeTo(t, tf.sum(tf.gather(rows, none)), tf.scalar(0));
});
