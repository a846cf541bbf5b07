// Ren et al., "Faster R-CNN", NIPS 2015, arXiv:1506.01497, section 3.1.2.
import {boxIou, checkShapes} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** What stands in the place of an object's number where a candidate matches none, and where it is too close to tell. */
export const noMatch = {background: -1, between: -2} as const;

export interface MatchOptions {
  /** Overlap from which on a candidate belongs to an object. */
  high: number;
  /** Overlap below which a candidate is background. */
  low: number;
  /** Whether the candidates that overlap an object the most belong to one, however little that is. @defaultValue false */
  keepBest?: boolean;
}

/** Overlaps that are held at once: 64 MB. */
const held = 2 ** 24;

/**
 * Finds the object that each candidate box (an anchor or a proposal) stands for. Its memory does not grow with the
 * number of objects.
 *
 * @param objects - `[M, 4]` float32, `[x1, y1, x2, y2]`; M may be 0.
 * @param candidates - `[K, 4]` float32, likewise.
 * @returns `[K]` int32: the number of the object, or one of {@link noMatch}.
 */
export function matchBoxes(
  objects: tf.Tensor2D,
  candidates: tf.Tensor2D,
  options: MatchOptions,
): tf.Tensor1D {
  const {M, K} = checkShapes('matchBoxes', {objects: [objects, 'M 4'], candidates: [candidates, 'K 4']});
  if (M === 0) return tf.fill([K], noMatch.background, 'int32');
  const rows = Math.max(1, Math.floor(held / Math.max(K, 1)));
  return tf.tidy(() => {
    let matches = matchRows(boxIou(tf.slice(objects, 0, Math.min(rows, M)), candidates), 0, options);
    for (let start = rows; start < M; start += rows) {
      const before = matches;
      const part = tf.slice(objects, start, Math.min(rows, M - start));
      matches = tf.tidy(() => better(before, matchRows(boxIou(part, candidates), start, options)));
      tf.dispose(before);
    }
    return decided(matches, options);
  });
}

/**
 * {@link matchBoxes} by overlaps that are known.
 *
 * @param overlaps - `[M, K]` float32, the intersection over union of M objects, 1 or more, and K candidates.
 */
export function matchOverlaps(overlaps: tf.Tensor2D, options: MatchOptions): tf.Tensor1D {
  return tf.tidy(() => decided(matchRows(overlaps, 0, options), options));
}

/** For each candidate, by the objects looked at so far. */
type Matches = {
  /** `[K]` float32: its largest overlap. */
  most: tf.Tensor1D;
  /** `[K]` int32: with which object. */
  object: tf.Tensor1D;
  /** `[K]` bool: whether an object overlaps no other candidate more. */
  best?: tf.Tensor1D;
};

function matchRows(overlaps: tf.Tensor2D, first: number, {keepBest}: MatchOptions): Matches {
  const object = tf.add(tf.argMax(overlaps, 0), tf.scalar(first, 'int32')) as tf.Tensor1D;
  const matches = {most: tf.max<tf.Tensor1D>(overlaps, 0), object};
  if (!keepBest) return matches;
  return {...matches, best: tf.any<tf.Tensor1D>(tf.equal(overlaps, tf.max(overlaps, 1, true)), 0)};
}

/** The first of equals stays, as in one pass over all objects. */
function better(a: Matches, b: Matches): Matches {
  return {
    most: tf.maximum(a.most, b.most),
    object: tf.where(tf.greater(b.most, a.most), b.object, a.object),
    ...(a.best && b.best && {best: tf.logicalOr(a.best, b.best) as tf.Tensor1D}),
  };
}

function decided({most, object, best}: Matches, {high, low}: MatchOptions): tf.Tensor1D {
  const constant = (value: number) => tf.fill(object.shape, value, 'int32');
  const unsure = tf.where(tf.less(most, low), constant(noMatch.background), constant(noMatch.between));
  const belongs = tf.greaterEqual(most, high);
  return tf.where(best ? tf.logicalOr(belongs, best) : belongs, object, unsure) as tf.Tensor1D;
}
