// Girshick et al., arXiv:1311.2524, section 2.3 and appendix B: which regions are examples of what.

import type {Sample} from '@foveal/data';
import {boxOverlap} from '@foveal/data';
import {bestOverlaps} from '../bestOverlaps.js';

/** The regions of an image that R-CNN learns from: its objects, then what was proposed. */
export interface RegionExamples {
  /** `[R · 4]`, `[x1, y1, x2, y2]` in pixels of the image. */
  boxes: Float32Array;
  /** Leading regions that are the objects themselves. */
  objects: number;
  /** `[objects]`: their categories. */
  labels: Int32Array;
  /** `[R]`: the object that each overlaps most, −1 for none. */
  matches: Int32Array;
  /** `[R]`: the overlap with it. */
  overlaps: Float32Array;
}

/** @param proposals - `[K · 4]`. Crowds and objects marked as difficult are not learnt; nor boxes without area. */
export function regionExamples(
  {boxes = new Float32Array(), labels = new Int32Array(), crowd, difficult}: Omit<Sample, 'image' | 'file'>,
  proposals: Float32Array,
): RegionExamples {
  const kept = [...labels.keys()].filter(i => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4);
    return x2 > x1 && y2 > y1 && !crowd?.[i] && !difficult?.[i];
  });
  const objects = Float32Array.from(kept.flatMap(i => [...boxes.subarray(4 * i, 4 * i + 4)]));
  const all = new Float32Array(objects.length + proposals.length);
  all.set(objects);
  all.set(proposals, objects.length);
  const {overlaps, indices: matches} = bestOverlaps(all, objects);
  return {boxes: all, objects: kept.length, labels: Int32Array.from(kept, i => labels[i]), matches, overlaps};
}

/** The regions for fine-tuning: with an IoU of 0.5 or more they are of the object's category, else background. */
export function windowsOf({matches, overlaps, labels}: RegionExamples): {
  positive: {region: number; label: number}[];
  background: number[];
} {
  const regions = [...matches.keys()];
  return {
    positive: regions
      .filter(r => overlaps[r] >= 0.5)
      .map(region => ({region, label: labels[matches[region]]})),
    background: regions.filter(r => overlaps[r] < 0.5),
  };
}

/** The regions that are negatives of a category's SVM: below 0.3 with each of its objects. Its positives are these. */
export function negativesOf({boxes, objects, labels}: RegionExamples, category: number): number[] {
  const own = [...labels.keys()].filter(i => labels[i] === category);
  return Array.from({length: boxes.length / 4 - objects}, (_, i) => objects + i).filter(r =>
    own.every(object => boxOverlap(boxes, r, boxes, object) < 0.3),
  );
}

/** The regions that learn to move onto an object: with an IoU above 0.6, each with its object. */
export function movesOf(
  {matches, overlaps, labels}: RegionExamples,
  category: number,
): {region: number; object: number}[] {
  return [...matches.keys()]
    .filter(r => overlaps[r] > 0.6 && labels[matches[r]] === category)
    .map(region => ({region, object: matches[region]}));
}
