// Pixel accuracy, mean accuracy and mean IU: Long, Shelhamer & Darrell, "Fully Convolutional Networks", CVPR 2015, arXiv:1411.4038, section 5.
import {type ConfusionMatrix, marginals, share} from './confusionMatrix.js';

/** Each in [0, 1], or null where no pixel counts. */
export interface SegmentationScores {
  /** The share of pixels that are right. */
  pixelAccuracy: number | null;
  /** The recall of a class, averaged over the classes that occur. */
  meanAccuracy: number | null;
  /** Averaged over the classes that occur or were predicted. */
  meanIou: number | null;
  /** Averaged over the classes, each weighted by its pixels. */
  frequencyWeightedIou: number | null;
  /** By class: pixels in both over pixels in either. */
  iou: Record<string, number | null>;
}

/**
 * Scores of semantic segmentation over all pixels of all images together, from `confusionMatrix` of their class maps.
 *
 * @param names - Of the classes, in order.
 */
export function segmentationScores(matrix: ConfusionMatrix, names: readonly string[]): SegmentationScores {
  const {diagonal, rows, columns, total} = marginals(matrix);
  const iou = diagonal.map((both, c) => share(both, rows[c] + columns[c] - both));
  const right = diagonal.reduce((a, b) => a + b, 0);
  const weighted = iou.reduce<number>((sum, value, c) => sum + (value ?? 0) * rows[c], 0);
  return {
    pixelAccuracy: share(right, total),
    meanAccuracy: meanOfKnown(diagonal.map((both, c) => share(both, rows[c]))),
    meanIou: meanOfKnown(iou),
    frequencyWeightedIou: share(weighted, total),
    iou: Object.fromEntries(names.slice(0, matrix.classes).map((name, c) => [name, iou[c]])),
  };
}

function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter(value => value !== null);
  return share(
    known.reduce((a, b) => a + b, 0),
    known.length,
  );
}
