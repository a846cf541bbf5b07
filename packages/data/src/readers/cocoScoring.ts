// What COCO's evaluator reads: labels and results (arXiv:1405.0312, and the results format of its site).
import {type Rle, rleArea, rleToBox} from '@foveal/core';
import {ProblemList, type ProblemOptions} from '../annotations/problems.js';
import {DatasetError} from '../datasetError.js';
import type {CocoDetection, CocoTruth} from '../metrics/cocoProtocol.js';
import type {CocoImage} from './cocoAnnotation.js';
import {readCocoFile} from './cocoFile.js';
import {drawSegmentation, parseSegmentation} from './cocoSegmentation.js';
import type {Json} from './elementScanner.js';
import {forEachElement} from './jsonElements.js';
import {NumberPool} from './numberPool.js';

export interface CocoScoringOptions extends ProblemOptions {
  /** What is scored: masks give their own boxes and areas, as in COCO's evaluator. @defaultValue 'bbox' */
  on?: 'bbox' | 'segm';
}

/** The labels that results are scored against. */
export interface CocoTruths {
  truths: CocoTruth[];
  /** Names by category id, in the order of the ids: `cocoEval` takes it. */
  categories: Map<number, string>;
  /** By image id. */
  images: ReadonlyMap<number, CocoImage>;
}

/**
 * The labels of a COCO file, as `cocoEval` takes them. Images need not be there; boxes stay as they are written.
 *
 * @throws DatasetError, AnnotationError as `coco` does.
 */
export async function readCocoTruths(
  file: string,
  {on = 'bbox', ...options}: CocoScoringOptions = {},
): Promise<CocoTruths> {
  const problems = new ProblemList(options);
  const {images, categories, annotations} = await readCocoFile(file, problems, {masks: on === 'segm'});
  const truths = annotations.flatMap(({id, imageId, categoryId, bbox, area, crowd, segmentation}) => {
    const truth: CocoTruth = {imageId, categoryId, bbox, area, crowd};
    if (on === 'bbox') return [truth];
    const image = images.get(imageId);
    if (!segmentation || !image) {
      problems.add(file, `annotation ${id}`, 'has no segmentation, but masks are scored.', 'left out');
      return [];
    }
    const mask = drawSegmentation(segmentation, image.height, image.width);
    return [{...truth, bbox: rleToBox(mask), mask}];
  });
  problems.settle(file);
  return {truths, categories, images};
}

/**
 * Detections in COCO's results format: a list of `{image_id, category_id, score}` with a `bbox`, a `segmentation` or
 * both.
 *
 * @param truths - Where the image and category ids come from.
 * @throws DatasetError if the file is no JSON, or no list.
 * @throws AnnotationError listing every result that cannot be scored.
 */
export async function readCocoResults(
  file: string,
  {images, categories}: Pick<CocoTruths, 'images' | 'categories'>,
  {on = 'bbox', ...options}: CocoScoringOptions = {},
): Promise<CocoDetection[]> {
  const problems = new ProblemList(options);
  const detections: CocoDetection[] = [];
  const counts = await forEachElement(file, {
    '': (value, index) => {
      const detection = parseResult(value);
      if (typeof detection === 'string') problems.add(file, `result ${index}`, detection, 'left out');
      else detections.push(detection);
    },
  });
  if (!counts.has('')) throw new DatasetError(file, 'expected a list of results, [{image_id, …}, …].');
  problems.settle(file);
  return detections;

  function parseResult(value: Json): CocoDetection | string {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'expected an object.';
    const {image_id: imageId, category_id: categoryId, score, bbox, segmentation} = value;
    const image = typeof imageId === 'number' ? images.get(imageId) : undefined;
    if (!image) return `there is no image ${JSON.stringify(imageId)}.`;
    if (typeof categoryId !== 'number' || !categories.has(categoryId)) {
      return `there is no category ${JSON.stringify(categoryId)}.`;
    }
    if (typeof score !== 'number' || !Number.isFinite(score)) {
      return `score must be a finite number, got ${JSON.stringify(score)}.`;
    }
    const known = {imageId: image.id, categoryId, score};
    if (on === 'segm') {
      const mask = parseMask(segmentation, image);
      if (typeof mask === 'string') return mask;
      return {...known, mask, bbox: rleToBox(mask), area: rleArea(mask)};
    }
    if (bbox !== undefined && bbox !== null) {
      if (!isBox(bbox)) return 'bbox must be four finite numbers, [x, y, width, height].';
      return {...known, bbox, area: bbox[2] * bbox[3]};
    }
    const mask = parseMask(segmentation, image);
    if (typeof mask === 'string') return `has no bbox, and ${mask}`;
    return {...known, bbox: rleToBox(mask), area: rleArea(mask)};
  }
}

function parseMask(value: Json | undefined, {id, width, height}: CocoImage): Rle | string {
  const faults: string[] = [];
  try {
    const segmentation = parseSegmentation(value, reason => faults.push(reason), new NumberPool());
    if (!segmentation) return 'has no segmentation.';
    if ('polygons' in segmentation && segmentation.polygons.length === 0) return faults.join(' ');
    const mask = drawSegmentation(segmentation, height, width);
    if (mask.width === width && mask.height === height) return mask;
    return `its mask is ${mask.width} × ${mask.height}, but image ${id} is ${width} × ${height}.`;
  } catch (error) {
    return (error as Error).message;
  }
}

const isBox = (value: Json): value is [number, number, number, number] =>
  Array.isArray(value) &&
  value.length === 4 &&
  value.every(side => typeof side === 'number' && Number.isFinite(side));
