import * as tf from '@tensorflow/tfjs-core';
import {
  SoftmaxCrossEntropy,
  type SoftmaxCrossEntropyAttrs,
  SoftmaxCrossEntropyGrad,
} from '../../ops/softmaxCrossEntropy.js';
import {portableKernel} from './portableKernel.js';

type Inputs = {logits: tf.Tensor2D; labels: tf.Tensor1D; weights?: tf.Tensor1D};
type GradInputs = Inputs & {dy: tf.Tensor; totalWeight: tf.Scalar};

/** Per row: −Σ q · w · log p, where the target q is one-hot, smoothed, and zero for ignored rows. */
export const softmaxCrossEntropy = portableKernel<Inputs, SoftmaxCrossEntropyAttrs>(
  SoftmaxCrossEntropy,
  ({logits, labels, weights}, attrs) =>
    tf.tidy(() => {
      checkLabels(labels, logits.shape[1], attrs.ignoreIndex);
      const {target, totalWeight} = weightedTarget(logits, labels, weights, attrs);
      const rows = tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1));
      const loss = {
        none: () => rows,
        sum: () => tf.sum(rows),
        mean: () => tf.div(tf.sum(rows), totalWeight),
      }[attrs.reduction]();
      return [loss, totalWeight];
    }),
);

/** d/dz −Σ t · log softmax(z) = softmax(z) · Σ t − t. */
export const softmaxCrossEntropyGrad = portableKernel<GradInputs, SoftmaxCrossEntropyAttrs>(
  SoftmaxCrossEntropyGrad,
  ({dy, logits, labels, totalWeight, weights}, attrs) =>
    tf.tidy(() => {
      const {target} = weightedTarget(logits, labels, weights, attrs);
      const perRow = tf.sub(tf.mul(tf.softmax(logits), tf.sum(target, 1, true)), target);
      const upstream = {
        none: () => tf.expandDims(dy, 1),
        sum: () => dy,
        mean: () => tf.div(dy, totalWeight),
      }[attrs.reduction]();
      return tf.mul(perRow, upstream);
    }),
);

function weightedTarget(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  weights: tf.Tensor1D | undefined,
  {ignoreIndex, labelSmoothing}: SoftmaxCrossEntropyAttrs,
): {target: tf.Tensor2D; totalWeight: tf.Scalar} {
  const classes = logits.shape[1];
  const counts = tf.cast(tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32')), 'float32');
  const oneHot = tf.mul(tf.oneHot(labels, classes), tf.expandDims(counts, 1));
  const weighted = weights ? tf.mul(oneHot, weights) : oneHot;
  const totalWeight = tf.sum(weighted) as tf.Scalar;
  if (labelSmoothing === 0) return {target: weighted as tf.Tensor2D, totalWeight};
  const everywhere = weights ? tf.mul(tf.expandDims(counts, 1), weights) : tf.expandDims(counts, 1);
  const target = tf.add(
    tf.mul(weighted, 1 - labelSmoothing),
    tf.mul(everywhere, labelSmoothing / classes),
  ) as tf.Tensor2D;
  return {target, totalWeight};
}

/** Only where reading the labels does not wait for a device. */
function checkLabels(labels: tf.Tensor1D, classes: number, ignoreIndex: number): void {
  if (tf.getBackend() !== 'cpu' && tf.getBackend() !== 'wasm') return;
  const values = labels.dataSync<'int32'>();
  const row = values.findIndex(label => label !== ignoreIndex && (label < 0 || label >= classes));
  if (row >= 0) {
    throw new RangeError(
      `softmaxCrossEntropy: label ${values[row]} in row ${row} is neither in [0, ${classes}) nor ignoreIndex ` +
        `${ignoreIndex}. Give the logits a column for each class, or mark the row with ignoreIndex.`,
    );
  }
}
