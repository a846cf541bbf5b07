import {type CocoDetection, type CocoTruths, vocAp} from '@foveal/data';
import {precisionRecall} from './precisionRecall.js';

/** Draws precision over recall at an overlap of 0.5, a line a category, as a PNG file. Crowds do not count. */
export function detectionCurves(
  {truths, categories}: CocoTruths,
  detections: readonly CocoDetection[],
): Buffer {
  const ids = [...categories.keys()];
  const labelOf = new Map(ids.map((id, label) => [id, label]));
  const objects = (items: readonly Pick<CocoDetection, 'imageId' | 'categoryId' | 'bbox'>[]) => ({
    images: Int32Array.from(items, ({imageId}) => imageId),
    labels: Int32Array.from(items, ({categoryId}) => labelOf.get(categoryId) ?? -1),
    boxes: Float32Array.from(items.flatMap(({bbox: [x, y, width, height]}) => [x, y, x + width, y + height])),
  });
  const names = [...categories.values()];
  const {categories: byName} = vocAp(
    {...objects(truths), difficult: Uint8Array.from(truths, ({crowd}) => Number(crowd))},
    {...objects(detections), scores: Float32Array.from(detections, ({score}) => score)},
    {categories: names},
  );
  const curves = names.map(name => ({name, ...byName[name]}));
  return precisionRecall(curves, {title: 'Precision and recall of boxes that overlap by half or more'});
}
