import * as tf from '@tensorflow/tfjs-core';
import {NonMaxSuppression, type NonMaxSuppressionAttrs} from '../../ops/nonMaxSuppression.js';
import {areApart, areas, intersectionOverUnion} from './boxIou.js';
import {portableKernel} from './portableKernel.js';

type Inputs = {boxes: tf.Tensor2D; scores: tf.Tensor1D; categories?: tf.Tensor1D};

/** Each box is compared with those of its category that were kept before it. */
export const nonMaxSuppression = portableKernel<Inputs, NonMaxSuppressionAttrs>(
  NonMaxSuppression,
  ({boxes, scores, categories}, {iouThreshold}) => {
    const candidates = areas(boxes.dataSync<'float32'>());
    const labels = categories?.dataSync<'int32'>();
    const rivalsOf = new Map<number, number[]>();
    const kept: number[] = [];
    const suppresses = (better: number, i: number) =>
      !areApart(candidates, better, i) &&
      intersectionOverUnion(candidates, better, candidates, i) > iouThreshold;
    for (const i of byFallingScore(scores.dataSync<'float32'>())) {
      const label = labels?.[i] ?? 0;
      const rivals = rivalsOf.get(label) ?? [];
      if (rivals.some(rival => suppresses(rival, i))) continue;
      rivals.push(i);
      rivalsOf.set(label, rivals);
      kept.push(i);
    }
    return tf.tensor1d(kept, 'int32');
  },
);

/** Indices, the highest score first; equal scores in their order, NaN as the lowest. */
export function byFallingScore(scores: Float32Array): Uint32Array {
  const keys = scores.map(score => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score));
  const falling = (i: number, j: number) => (keys[i] === keys[j] ? i - j : keys[i] > keys[j] ? -1 : 1);
  return Uint32Array.from(scores.keys()).sort(falling);
}
