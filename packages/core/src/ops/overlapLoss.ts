// Dice: Milletari et al., "V-Net", 3DV 2016, arXiv:1606.04797, section 3, for many classes as in Sudre et al., 2017,
// arXiv:1707.03237. Jaccard: Rahman & Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks", ISVC 2016.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';

export interface OverlapLossOptions {
  /** The label of pixels that do not count. @defaultValue 255 */
  ignoreIndex?: number;
  /** Which classes are averaged: those that the labels of the batch have, or all. @defaultValue 'present' */
  classes?: 'present' | 'all';
  /** Added to both sides of the fraction, so that a class without pixels has one. @defaultValue 1e-5 */
  smooth?: number;
}

export interface DiceLossOptions extends OverlapLossOptions {
  /** Whether probabilities are squared in the denominator, as V-Net does. @defaultValue false */
  squared?: boolean;
}

/**
 * One minus the soft Dice coefficient, `1 − (2·Σ p·t + s) / (Σ p + Σ t + s)`, of each class over all pixels of the
 * batch, and the mean over the classes. Indifferent to how rare a class is. Differentiable in `logits`.
 *
 * @param logits - `[N, H, W, C]` float32; p is their softmax, or their sigmoid where C is 1.
 * @param labels - `[N, H, W]` int32 in `[0, C)`, or 0 and 1 where C is 1; or `ignoreIndex`.
 * @returns A float32 scalar in [0, 1]; NaN where no pixel counts and only present classes do.
 * @throws TypeError if a shape or dtype is wrong.
 */
export function diceLoss(
  logits: tf.Tensor4D,
  labels: tf.Tensor3D,
  {smooth = 1e-5, squared = false, ...options}: DiceLossOptions = {},
): tf.Scalar {
  return overlapLoss('diceLoss', logits, labels, options, ({both, predicted, squares, labelled}) => {
    const sizes = tf.add(squared ? squares() : predicted, labelled);
    return tf.div(tf.add(tf.mul(both, 2), smooth), tf.add(sizes, smooth));
  });
}

/**
 * One minus the soft Jaccard index, `1 − (Σ p·t + s) / (Σ p + Σ t − Σ p·t + s)`: {@link diceLoss} by the measure that
 * segmentation is scored with. Differentiable in `logits`.
 *
 * @param logits - `[N, H, W, C]` float32; p is their softmax, or their sigmoid where C is 1.
 * @param labels - `[N, H, W]` int32 in `[0, C)`, or 0 and 1 where C is 1; or `ignoreIndex`.
 * @returns A float32 scalar in [0, 1]; NaN where no pixel counts and only present classes do.
 * @throws TypeError if a shape or dtype is wrong.
 */
export function jaccardLoss(
  logits: tf.Tensor4D,
  labels: tf.Tensor3D,
  {smooth = 1e-5, ...options}: OverlapLossOptions = {},
): tf.Scalar {
  return overlapLoss('jaccardLoss', logits, labels, options, ({both, predicted, labelled}) =>
    tf.div(tf.add(both, smooth), tf.add(tf.sub(tf.add(predicted, labelled), both), smooth)),
  );
}

/** Sums over all pixels that count, `[C]` each. */
interface Sums {
  both: tf.Tensor;
  predicted: tf.Tensor;
  /** Of the squared probabilities. */
  squares: () => tf.Tensor;
  labelled: tf.Tensor;
}

function overlapLoss(
  op: string,
  logits: tf.Tensor4D,
  labels: tf.Tensor3D,
  {ignoreIndex = 255, classes = 'present'}: Omit<OverlapLossOptions, 'smooth'>,
  overlap: (sums: Sums) => tf.Tensor,
): tf.Scalar {
  const {C} = checkShapes(
    op,
    {logits: [logits, 'N H W C'], labels: [labels, 'N H W', 'int32']},
    'Resize the logits to the size of the labels, never the labels.',
  );
  return tf.tidy(() => {
    const rows = tf.reshape(logits, [-1, C]);
    const flat = tf.reshape(labels, [-1]) as tf.Tensor1D;
    const counts = tf.cast(tf.reshape(tf.notEqual(flat, ignoreIndex), [-1, 1]), 'float32');
    const truth = C === 1 ? tf.cast(tf.reshape(tf.equal(flat, 1), [-1, 1]), 'float32') : oneHot(flat, C);
    const chances = C === 1 ? tf.sigmoid(rows) : tf.softmax(rows);
    const kept = tf.mul(chances, counts);
    const targets = tf.mul(truth, counts);
    const labelled = tf.sum(targets, 0);
    const losses = tf.sub(
      1,
      overlap({
        both: tf.sum(tf.mul(kept, targets), 0),
        predicted: tf.sum(kept, 0),
        squares: () => tf.sum(tf.square(kept), 0),
        labelled,
      }),
    );
    if (classes === 'all') return tf.mean(losses) as tf.Scalar;
    const present = tf.cast(tf.greater(labelled, 0), 'float32');
    return tf.div(tf.sum(tf.mul(losses, present)), tf.sum(present)) as tf.Scalar;
  });
}

// Cast after: WebAssembly's one-hot writes integers whatever the dtype.
const oneHot = (labels: tf.Tensor1D, classes: number) => tf.cast(tf.oneHot(labels, classes), 'float32');
