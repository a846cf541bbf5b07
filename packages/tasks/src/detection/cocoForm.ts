import {type Rle, rleArea} from '@foveal/core';
import type {CocoDetection, CocoTruth} from '@foveal/data';
import type {MeasuredImage} from './measuredImage.js';

/**
 * Labels and results as COCO's evaluator takes them: images are numbered from 0 in their order, categories too. A
 * label's area is its mask's, where it has one; a result's is that of what is measured.
 *
 * @param on - Whether boxes or masks are.
 */
export function cocoForm(
  images: readonly MeasuredImage[],
  on: 'bbox' | 'segm',
): {
  truths: CocoTruth[];
  detections: CocoDetection[];
} {
  const objects = (
    imageId: number,
    boxes: Float32Array,
    labels: Int32Array,
    masks: readonly Rle[] | undefined,
  ) =>
    Array.from(labels, (categoryId, k) => {
      const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
      const [width, height] = [x2 - x1, y2 - y1];
      const mask = masks?.[k];
      const area = mask ? rleArea(mask) : width * height;
      return {imageId, categoryId, bbox: [x1, y1, width, height], area, ...(mask && {mask})};
    });
  return {
    truths: images.flatMap(({labelled: {boxes, labels, masks, crowd}}, imageId) =>
      objects(imageId, boxes, labels, masks).map((one, k) => ({...one, crowd: crowd?.[k] === 1})),
    ),
    detections: images.flatMap(({found: {boxes, labels, masks, scores}}, imageId) =>
      objects(imageId, boxes, labels, on === 'segm' ? masks : undefined).map((one, k) => ({
        ...one,
        score: scores[k],
      })),
    ),
  };
}
