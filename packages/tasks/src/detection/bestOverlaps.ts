import {boxOverlap} from '@foveal/data';

/** For each of some boxes the other that it overlaps most. */
export interface BestOverlaps {
  /** `[K]`: the IoU; 0 where nothing meets it. */
  overlaps: Float32Array;
  /** `[K]`: the place of that other; −1 where nothing meets it. */
  indices: Int32Array;
}

/**
 * Finds for each box the one of `others` with the largest intersection over union; of several, the first.
 *
 * @param boxes - `[K · 4]`, `[x1, y1, x2, y2]`.
 * @param others - `[M · 4]`, likewise.
 */
export function bestOverlaps(boxes: Float32Array, others: Float32Array): BestOverlaps {
  const count = boxes.length / 4;
  const overlaps = new Float32Array(count);
  const indices = new Int32Array(count).fill(-1);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < others.length / 4; j++) {
      const overlap = boxOverlap(boxes, i, others, j);
      if (overlap <= overlaps[i]) continue;
      overlaps[i] = overlap;
      indices[i] = j;
    }
  }
  return {overlaps, indices};
}
