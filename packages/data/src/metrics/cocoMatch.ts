// The greedy matching of COCO's evaluator: best score first, each label once, ignored labels last.
import {
  areaRanges,
  type CocoDetection,
  type CocoTruth,
  iouThresholds,
  maxDetections,
} from './cocoProtocol.js';

/** `[detections · truths]`, row by detection. */
export type PairOverlaps = (
  truths: readonly CocoTruth[],
  detections: readonly CocoDetection[],
) => Float64Array;

/** One image, category and area range: what became of each detection, by falling score, at each threshold. */
export interface ImageMatches {
  detections: number;
  /** `[thresholds · detections]`: 1 found a label, 0 did not. */
  matched: Uint8Array;
  /** `[thresholds · detections]`: 1 does not count either way. */
  ignored: Uint8Array;
  /** Labels that have to be found. */
  positives: number;
}

/** One image and category. */
export interface ImageMatchesByArea {
  /** Of the detections that count, falling. */
  scores: Float64Array;
  /** In each of {@link areaRanges}. */
  byArea: ImageMatches[];
}

export function matchImage(
  truths: readonly CocoTruth[],
  detections: readonly CocoDetection[],
  overlapsOf: PairOverlaps,
): ImageMatchesByArea {
  const limit = maxDetections[maxDetections.length - 1];
  const ranked = [...detections].sort((a, b) => b.score - a.score).slice(0, limit);
  const overlaps = overlapsOf(truths, ranked);
  return {
    scores: Float64Array.from(ranked, d => d.score),
    byArea: areaRanges.map(([smallest, largest]) =>
      matchInRange(truths, ranked, overlaps, area => area < smallest || area > largest),
    ),
  };
}

function matchInRange(
  truths: readonly CocoTruth[],
  ranked: readonly CocoDetection[],
  overlaps: Float64Array,
  outside: (area: number) => boolean,
): ImageMatches {
  const skip = truths.map(truth => truth.crowd || outside(truth.area));
  const order = truths.map((_, i) => i).sort((a, b) => Number(skip[a]) - Number(skip[b]));
  const matched = new Uint8Array(iouThresholds.length * ranked.length);
  const ignored = new Uint8Array(iouThresholds.length * ranked.length);
  const taken = new Uint8Array(truths.length);
  for (let t = 0; t < iouThresholds.length; t++) {
    taken.fill(0);
    for (let d = 0; d < ranked.length; d++) {
      let best = Math.min(iouThresholds[t], 1 - 1e-10);
      let match = -1;
      for (const g of order) {
        if (taken[g] && !truths[g].crowd) continue;
        if (match >= 0 && !skip[match] && skip[g]) break;
        const overlap = overlaps[d * truths.length + g];
        if (overlap < best) continue;
        best = overlap;
        match = g;
      }
      const at = t * ranked.length + d;
      if (match >= 0) {
        taken[match] = 1;
        matched[at] = 1;
        ignored[at] = Number(skip[match]);
      } else ignored[at] = Number(outside(ranked[d].area));
    }
  }
  return {detections: ranked.length, matched, ignored, positives: skip.filter(s => !s).length};
}
