// COCO's twelve numbers: Lin et al., "Microsoft COCO", ECCV 2014, arXiv:1405.0312, by the rules of its evaluator.

import {accumulate, type PrecisionRecall, rank} from './cocoAccumulate.js';
import {type CategoryMatches, matchCategories} from './cocoGroups.js';
import {areaRanges, type CocoDetection, type CocoTruth, maxDetections} from './cocoProtocol.js';

export interface CocoEvalOptions {
  /** What overlaps are measured on. @defaultValue 'bbox' */
  on?: 'bbox' | 'segm';
  /** The categories that count, by id, in the order of the report. */
  categories: ReadonlyMap<number, string>;
}

/** COCO's names; each in [0, 1], or −1 where nothing was labelled. */
export interface CocoMetrics {
  AP: number;
  AP50: number;
  AP75: number;
  APs: number;
  APm: number;
  APl: number;
  AR1: number;
  AR10: number;
  AR100: number;
  ARs: number;
  ARm: number;
  ARl: number;
  AP_per_category: Record<string, number>;
}

/**
 * Scores detections against labels as COCO does.
 *
 * @throws TypeError if masks are asked for and an object has none.
 */
export function cocoEval(
  truths: readonly CocoTruth[],
  detections: readonly CocoDetection[],
  {on = 'bbox', categories}: CocoEvalOptions,
): CocoMetrics {
  const curves = Array.from(matchCategories(truths, detections, {on, categories}), evaluateCategory);

  const precision = (area: number, threshold?: number) =>
    meanOfKnown(curves.flatMap(({byArea}) => pick(byArea[area].precision, threshold)));
  const recall = (area: number) => meanOfKnown(curves.flatMap(({byArea}) => byArea[area].recall));
  const recallOfFew = (limit: number) => meanOfKnown(curves.flatMap(({ofFew}) => ofFew[limit].recall));
  return {
    AP: precision(0),
    AP50: precision(0, 0),
    AP75: precision(0, 5),
    APs: precision(1),
    APm: precision(2),
    APl: precision(3),
    AR1: recallOfFew(0),
    AR10: recallOfFew(1),
    AR100: recall(0),
    ARs: recall(1),
    ARm: recall(2),
    ARl: recall(3),
    AP_per_category: Object.fromEntries(
      [...categories.values()].map((name, k) => [name, meanOfKnown(pick(curves[k].byArea[0].precision))]),
    ),
  };
}

/** Every area range at the full number of detections, and all areas at the smaller limits. */
function evaluateCategory(images: CategoryMatches): {byArea: PrecisionRecall[]; ofFew: PrecisionRecall[]} {
  const scores = images.map(image => image.scores);
  const inArea = (area: number) => images.map(image => image.byArea[area]);
  const [all, ...few] = [...maxDetections].reverse().map(limit => rank(scores, limit));
  return {
    byArea: areaRanges.map((_, area) => accumulate(inArea(area), all)),
    ofFew: few.reverse().map(ranking => accumulate(inArea(0), ranking)),
  };
}

/** The means over recall at one IoU threshold, or at each. */
const pick = (precision: readonly number[], threshold?: number) =>
  threshold === undefined ? precision : [precision[threshold]];

function meanOfKnown(values: readonly number[]): number {
  const known = values.filter(value => value > -1);
  return known.length === 0 ? -1 : known.reduce((a, b) => a + b, 0) / known.length;
}
