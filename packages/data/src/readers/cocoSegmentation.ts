// Masks as COCO's JSON has them: Lin et al., "Microsoft COCO", ECCV 2014, arXiv:1405.0312, and its mask format.
import {checkedRle, type Rle, rleFromPolygon, rleFromString, rleUnion} from '@foveal/core';
import type {Json} from './elementScanner.js';
import type {NumberPool} from './numberPool.js';

/** Polygons wait for the image's size; runs have it in them. */
export type CocoSegmentation = {polygons: Float64Array[]} | {rle: Rle};

/**
 * Reads polygons, or runs compressed or not.
 *
 * @param onBadPolygon - Told of each polygon that cannot be drawn; it is left out.
 * @param pool - Where coordinates are kept.
 * @returns undefined if there is none: null, or an empty list.
 * @throws RangeError if it is no segmentation, or its runs do not fill its size.
 */
export function parseSegmentation(
  value: Json | undefined,
  onBadPolygon: (reason: string) => void,
  pool: NumberPool,
): CocoSegmentation | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) {
    if (value.length === 0) return undefined;
    return {polygons: value.flatMap((polygon, i) => parsePolygon(polygon, i, onBadPolygon, pool))};
  }
  if (typeof value !== 'object' || !isNumbers(value['size']) || value['size'].length !== 2) {
    throw new RangeError(
      'segmentation must be a list of polygons, or {size: [height, width], counts: runs or text}.',
    );
  }
  const [height, width] = value['size'];
  const counts = value['counts'];
  if (typeof counts === 'string') {
    // The size is checked before the text is decoded, by a mask of one run.
    checkedRle(height, width, [height * width]);
    return {rle: rleFromString(counts, height, width)};
  }
  if (isNumbers(counts)) return {rle: checkedRle(height, width, counts)};
  throw new RangeError('segmentation: counts must be a list of runs, or their compressed text.');
}

function parsePolygon(
  polygon: Json,
  index: number,
  onBad: (reason: string) => void,
  pool: NumberPool,
): Float64Array[] {
  const bad = (reason: string) => {
    onBad(`polygon ${index}: ${reason}`);
    return [];
  };
  if (!isNumbers(polygon)) return bad('expected a list of numbers.');
  if (polygon.length % 2 === 1) return bad(`expected pairs of x and y, got ${polygon.length} values.`);
  if (polygon.length < 6) return bad(`expected at least three points, got ${polygon.length / 2}.`);
  if (!polygon.every(Number.isFinite)) return bad('expected finite coordinates.');
  return [pool.keep(polygon)];
}

/** @returns whether every entry is a number. */
function isNumbers(value: Json | undefined): value is number[] {
  return Array.isArray(value) && value.every(entry => typeof entry === 'number');
}

/** Draws it; the parts of an object in several polygons are united. */
export function drawSegmentation(segmentation: CocoSegmentation, height: number, width: number): Rle {
  if ('rle' in segmentation) return segmentation.rle;
  return rleUnion(segmentation.polygons.map(polygon => rleFromPolygon(polygon, height, width)));
}
