// Intersection over union of every detection with every label of one image and category, as COCO's evaluator has it.
import {type Rle, rleArea, rleIntersection} from '@foveal/core';
import type {PairOverlaps} from './cocoMatch.js';

/** IoU of boxes; against a crowd the union is the detection's own area. */
export const boxOverlaps: PairOverlaps = (truths, detections) => {
  const overlaps = new Float64Array(truths.length * detections.length);
  detections.forEach(({bbox: d}, row) => {
    truths.forEach(({bbox: g, crowd}, column) => {
      const width = Math.min(d[0] + d[2], g[0] + g[2]) - Math.max(d[0], g[0]);
      const height = Math.min(d[1] + d[3], g[1] + g[3]) - Math.max(d[1], g[1]);
      if (!(width > 0 && height > 0)) return;
      const shared = width * height;
      const union = crowd ? d[2] * d[3] : d[2] * d[3] + g[2] * g[3] - shared;
      overlaps[row * truths.length + column] = shared / union;
    });
  });
  return overlaps;
};

/** IoU of masks; pairs whose boxes are apart are not walked through. */
export const maskOverlaps: PairOverlaps = (truths, detections) => {
  const overlaps = boxOverlaps(truths, detections);
  if (overlaps.every(value => value === 0)) return overlaps;
  const truthMasks = truths.map((truth, i) => maskOf(truth.mask, `label ${i} of image ${truth.imageId}`));
  const truthAreas = truthMasks.map(rleArea);
  detections.forEach((detection, row) => {
    const mask = maskOf(detection.mask, `detection ${row} of image ${detection.imageId}`);
    const area = rleArea(mask);
    truthMasks.forEach((truthMask, column) => {
      const at = row * truths.length + column;
      if (overlaps[at] === 0) return;
      const shared = rleIntersection(mask, truthMask);
      const union = truths[column].crowd ? area : area + truthAreas[column] - shared;
      overlaps[at] = shared === 0 ? 0 : shared / union;
    });
  });
  return overlaps;
};

function maskOf(mask: Rle | undefined, what: string): Rle {
  if (!mask) throw new TypeError(`cocoEval: on 'segm' needs a mask for every object; ${what} has none.`);
  return mask;
}
