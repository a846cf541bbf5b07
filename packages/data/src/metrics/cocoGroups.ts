import {type ImageMatchesByArea, matchImage, type PairOverlaps} from './cocoMatch.js';
import {boxOverlaps, maskOverlaps} from './cocoOverlaps.js';
import type {CocoDetection, CocoTruth} from './cocoProtocol.js';

/** Every image of one category, in the order of the ids: the reference breaks ties between equal scores by it. */
export type CategoryMatches = ImageMatchesByArea[];

/** Compares detections with labels, category by category, in the order of `categories`. */
export function* matchCategories(
  truths: readonly CocoTruth[],
  detections: readonly CocoDetection[],
  {on, categories}: {on: 'bbox' | 'segm'; categories: ReadonlyMap<number, string>},
): Generator<CategoryMatches> {
  const overlaps: PairOverlaps = on === 'bbox' ? boxOverlaps : maskOverlaps;
  const truthsOf = byCategoryAndImage(truths);
  const detectionsOf = byCategoryAndImage(detections);
  for (const category of categories.keys()) {
    const labelled = truthsOf.get(category) ?? new Map<number, CocoTruth[]>();
    const predicted = detectionsOf.get(category) ?? new Map<number, CocoDetection[]>();
    const ids = [...new Set([...labelled.keys(), ...predicted.keys()])].sort((a, b) => a - b);
    yield ids.map(id => matchImage(labelled.get(id) ?? [], predicted.get(id) ?? [], overlaps));
  }
}

function byCategoryAndImage<T extends {categoryId: number; imageId: number}>(
  items: readonly T[],
): Map<number, Map<number, T[]>> {
  const grouped = new Map<number, Map<number, T[]>>();
  for (const item of items) {
    let images = grouped.get(item.categoryId);
    if (!images) grouped.set(item.categoryId, (images = new Map()));
    const group = images.get(item.imageId);
    if (group) group.push(item);
    else images.set(item.imageId, [item]);
  }
  return grouped;
}
