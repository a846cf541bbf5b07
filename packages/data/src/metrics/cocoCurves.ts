// Precision over recall by the rules of COCO's evaluator (arXiv:1405.0312), one curve a category.

import type {CocoEvalOptions} from './coco.js';
import {curveAt, rank} from './cocoAccumulate.js';
import {matchCategories} from './cocoGroups.js';
import {type CocoDetection, type CocoTruth, iouThresholds, maxDetections} from './cocoProtocol.js';

export interface CocoCurve {
  /** In [0, 1], rising: what share was found after each detection, the surest first. */
  recall: Float64Array;
  /** The best precision at that recall or beyond; as long as `recall`. */
  precision: Float64Array;
  /** The mean precision over 101 recall points in [0, 1]; null where nothing was labelled. */
  AP: number | null;
}

/**
 * The curves behind `AP50`: objects of all sizes, at most 100 detections an image, found if they overlap by half.
 *
 * @returns by the categories' names.
 * @throws TypeError if masks are asked for and an object has none.
 */
export function cocoCurves(
  truths: readonly CocoTruth[],
  detections: readonly CocoDetection[],
  {on = 'bbox', categories}: CocoEvalOptions,
): Record<string, CocoCurve> {
  const half = iouThresholds.indexOf(0.5);
  const limit = Math.max(...maxDetections);
  const curves = Array.from(matchCategories(truths, detections, {on, categories}), (images): CocoCurve => {
    const ranking = rank(
      images.map(({scores}) => scores),
      limit,
    );
    const curve = curveAt(
      images.map(({byArea}) => byArea[0]),
      ranking,
      half,
    );
    return curve ?? {recall: new Float64Array(), precision: new Float64Array(), AP: null};
  });
  return Object.fromEntries([...categories.values()].map((name, k) => [name, curves[k]]));
}
