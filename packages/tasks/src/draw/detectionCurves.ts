import {type CocoDetection, type CocoEvalOptions, type CocoTruths, cocoCurves} from '@foveal/data';
import {precisionRecall} from './precisionRecall.js';

/**
 * Draws precision over recall at an overlap of 0.5 by COCO's rules, a line a category, as a PNG file.
 *
 * @param options - `on: 'segm'` measures overlaps of masks, which every object then has. @defaultValue boxes
 */
export function detectionCurves(
  {truths, categories}: CocoTruths,
  detections: readonly CocoDetection[],
  {on = 'bbox'}: Pick<CocoEvalOptions, 'on'> = {},
): Buffer {
  const curves = Object.entries(cocoCurves(truths, detections, {on, categories}));
  return precisionRecall(
    curves.map(([name, {recall, precision, AP}]) => ({
      name,
      recall: [...recall],
      precision: [...precision],
      AP,
    })),
    {title: `Precision and recall of ${{bbox: 'boxes', segm: 'masks'}[on]} that overlap by half or more`},
  );
}
