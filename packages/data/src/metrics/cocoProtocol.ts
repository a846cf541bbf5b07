// What COCO's evaluator scores, and the thresholds it scores at (arXiv:1405.0312).
import type {Rle} from '@foveal/core';

/** A labelled object. */
export interface CocoTruth {
  imageId: number;
  categoryId: number;
  /** `[x, y, width, height]` in pixels. */
  bbox: readonly number[];
  /** Pixels; decides whether the object counts as small, medium or large. */
  area: number;
  /** A crowd absorbs any number of detections and is never missed. */
  crowd: boolean;
  mask?: Rle;
}

/** A predicted object. */
export interface CocoDetection {
  imageId: number;
  categoryId: number;
  /** `[x, y, width, height]` in pixels. */
  bbox: readonly number[];
  score: number;
  area: number;
  mask?: Rle;
}

export const iouThresholds = Array.from({length: 10}, (_, i) => 0.5 + (0.45 * i) / 9);
export const maxDetections = [1, 10, 100] as const;
/** Squared side lengths between which an object is counted: all, small, medium, large. */
export const areaRanges = [
  [0, 1e10],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, 1e10],
] as const;
