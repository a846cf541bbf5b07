// Precision over recall, sampled at 101 points, as COCO's evaluator does it.

import type {ImageMatches} from './cocoMatch.js';
import {iouThresholds} from './cocoProtocol.js';

const recallPoints = Array.from({length: 101}, (_, i) => i / 100);

/** One category, area range and limit of detections an image, at each IoU threshold; −1 where nothing was labelled. */
export interface PrecisionRecall {
  /** `[thresholds]`: precision, averaged over 101 recall points. */
  precision: number[];
  /** `[thresholds]`: the highest recall reached. */
  recall: number[];
}

/** Detections of one category by falling score: the image of each, and its place there. */
export interface Ranking {
  image: Int32Array;
  index: Int32Array;
}

/** Ranks at most `limit` detections of each image; equal scores keep the order of the images. */
export function rank(scores: readonly Float64Array[], limit: number): Ranking {
  const sizes = scores.map(own => Math.min(limit, own.length));
  const total = sizes.reduce((a, b) => a + b, 0);
  const joined = new Float64Array(total);
  const image = new Int32Array(total);
  const index = new Int32Array(total);
  let at = 0;
  scores.forEach((own, i) => {
    for (let d = 0; d < sizes[i]; d++, at++) {
      joined[at] = own[d];
      image[at] = i;
      index[at] = d;
    }
  });
  const order = Uint32Array.from(joined.keys()).sort((a, b) => joined[b] - joined[a] || a - b);
  return {image: Int32Array.from(order, i => image[i]), index: Int32Array.from(order, i => index[i])};
}

/** Walks down the ranking of one category in one area range. */
export function accumulate(images: readonly ImageMatches[], ranking: Ranking): PrecisionRecall {
  const positives = images.reduce((sum, image) => sum + image.positives, 0);
  if (positives === 0) return {precision: iouThresholds.map(() => -1), recall: iouThresholds.map(() => -1)};
  const precision: number[] = [];
  const recall: number[] = [];
  for (let t = 0; t < iouThresholds.length; t++) {
    const curve = walk(images, ranking, {t, positives});
    recall.push(curve.recall.at(-1) ?? 0);
    precision.push(averagePrecision(curve));
  }
  return {precision, recall};
}

/** After each detection: what share was found so far, and the best precision there or beyond. */
interface Curve {
  recall: Float64Array;
  precision: Float64Array;
}

/** The curve of one category in one area range at one IoU threshold; undefined where nothing was labelled. */
export function curveAt(images: readonly ImageMatches[], ranking: Ranking, t: number) {
  const positives = images.reduce((sum, image) => sum + image.positives, 0);
  if (positives === 0) return undefined;
  const curve = walk(images, ranking, {t, positives});
  return {...curve, AP: averagePrecision(curve)};
}

function walk(
  images: readonly ImageMatches[],
  ranking: Ranking,
  {t, positives}: {t: number; positives: number},
): Curve {
  const total = ranking.image.length;
  const recall = new Float64Array(total);
  const precision = new Float64Array(total);
  let [right, wrong] = [0, 0];
  for (let i = 0; i < total; i++) {
    const {matched, ignored, detections} = images[ranking.image[i]];
    const at = t * detections + ranking.index[i];
    if (!ignored[at]) {
      if (matched[at]) right++;
      else wrong++;
    }
    recall[i] = right / positives;
    precision[i] = right === 0 ? 0 : right / (right + wrong);
  }
  for (let i = total - 1; i > 0; i--) {
    if (precision[i] > precision[i - 1]) precision[i - 1] = precision[i];
  }
  return {recall, precision};
}

/** Each recall point takes the best precision at that recall or beyond, 0 where it is never reached. */
function averagePrecision({recall, precision}: Curve): number {
  let sum = 0;
  let at = 0;
  for (const point of recallPoints) {
    while (at < recall.length && recall[at] < point) at++;
    if (at === recall.length) break;
    sum += precision[at];
  }
  return sum / recallPoints.length;
}
