import type {Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Images that show two things each. Cross-entropy is linear in its target, so the loss of the soft labels is
 * `weight · loss(logits, labels) + (1 − weight) · loss(logits, otherLabels)`, label smoothing included.
 */
export interface MixedBatch {
  /** `[N, height, width, channels]` float32. */
  images: tf.Tensor4D;
  /** `[N]` int32: the labels as they were. */
  labels: tf.Tensor1D;
  /** `[N]` int32: the labels of the image before in the batch, of the last one for the first. */
  otherLabels: tf.Tensor1D;
  /** The share of `labels`, in [0, 1], one for the batch. */
  weight: number;
}

/** What is mixed: a batch as `batches` gives it. */
export interface LabelledImages {
  images: tf.Tensor4D;
  labels: tf.Tensor1D;
}

/** Changes a batch at random. The batch given is left to the caller, as the result is. */
export type MixBatch = (batch: LabelledImages, random: Random) => MixedBatch;

/** The last one first, then the others. */
export function roll<T extends tf.Tensor>(batch: T): T {
  return tf.tidy(() => {
    const rest = batch.shape[0]! - 1;
    const zeros = batch.shape.slice(1).map(() => 0);
    return tf.concat([
      tf.slice(batch, [rest, ...zeros], [1, ...batch.shape.slice(1)]),
      tf.slice(batch, [0, ...zeros], [rest, ...batch.shape.slice(1)]),
    ]) as T;
  });
}

/** @throws RangeError unless alpha is positive. */
export function checkAlpha(transform: string, alpha: number): void {
  if (alpha > 0 && Number.isFinite(alpha)) return;
  throw new RangeError(`${transform}: alpha must be a positive number, got ${alpha}.`);
}
