import * as tf from '@tensorflow/tfjs-core';
import type {Batch} from '../task.js';

/**
 * Some images of a batch, with what belongs to them: of tensors and lists as long as the batch, the same places; what
 * is of the batch as a whole is kept.
 *
 * @returns the part, and what frees the tensors that were made for it.
 */
export function batchPart<B extends Batch>(
  batch: B,
  from: number,
  to: number,
): {part: B; dispose: () => void} {
  const {length} = batch.files;
  const made: tf.Tensor[] = [];
  const cut = (value: unknown): unknown => {
    if (value instanceof tf.Tensor) {
      if (value.shape[0] !== length) return value;
      const slice = tf.slice(value, from, to - from);
      made.push(slice);
      return slice;
    }
    return Array.isArray(value) && value.length === length ? value.slice(from, to) : value;
  };
  const part = Object.fromEntries(Object.entries(batch).map(([name, value]) => [name, cut(value)]));
  return {part: part as unknown as B, dispose: () => tf.dispose(made)};
}
