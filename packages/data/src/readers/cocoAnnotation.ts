// An annotation of COCO's format: Lin et al., "Microsoft COCO", ECCV 2014, arXiv:1405.0312.
import {rleToBox} from '@foveal/core';
import {type CocoSegmentation, drawSegmentation, parseSegmentation} from './cocoSegmentation.js';
import type {Json} from './elementScanner.js';
import type {NumberPool} from './numberPool.js';

export interface CocoImage {
  id: number;
  fileName: string;
  width: number;
  height: number;
}

export interface CocoAnnotation {
  id: number;
  imageId: number;
  categoryId: number;
  /** `[x, y, width, height]` in pixels, as it is written, or around the mask. */
  bbox: [number, number, number, number];
  /** As it is written, or the box's. */
  area: number;
  crowd: boolean;
  segmentation: CocoSegmentation | undefined;
}

/**
 * Reads an annotation before its image is known.
 *
 * @returns it, or what is wrong with it.
 */
export function parseAnnotation(
  id: number,
  value: {[key: string]: Json},
  {masks, pool, onBadPolygon}: {masks: boolean; pool: NumberPool; onBadPolygon: (reason: string) => void},
): ParsedAnnotation | string {
  const bbox = parseBox(value['bbox']);
  if (bbox === 'wrong') return 'bbox must be four numbers, [x, y, width, height].';
  let segmentation: CocoSegmentation | undefined;
  if (masks || bbox === undefined) {
    try {
      segmentation = parseSegmentation(value['segmentation'], onBadPolygon, pool);
    } catch (error) {
      return (error as Error).message;
    }
  }
  if (segmentation && 'polygons' in segmentation && segmentation.polygons.length === 0) {
    return 'no polygon of it can be drawn.';
  }
  if (bbox === undefined && !segmentation) return 'has neither a bbox nor a segmentation.';
  return {
    id,
    imageId: Number(value['image_id']),
    categoryId: Number(value['category_id']),
    bbox,
    area: typeof value['area'] === 'number' ? value['area'] : undefined,
    crowd: value['iscrowd'] === 1 || value['iscrowd'] === true,
    segmentation,
  };
}

/** Before the image is known, for images may come after annotations. */
export interface ParsedAnnotation extends Omit<CocoAnnotation, 'bbox' | 'area'> {
  bbox: CocoAnnotation['bbox'] | undefined;
  area: number | undefined;
}

/** Adds what is not written, in place: there may be a million. @returns why it cannot be used, if so. */
export function complete(
  annotation: ParsedAnnotation,
  images: ReadonlyMap<number, CocoImage>,
  categories: ReadonlyMap<number, string>,
): string | undefined {
  const {imageId, categoryId, segmentation} = annotation;
  const image = images.get(imageId);
  if (!image) return `there is no image ${imageId}.`;
  if (!categories.has(categoryId))
    return `there is no category ${categoryId}; those of the file have the ids ${idsOf(categories)}.`;
  const {width, height} = image;
  if (segmentation && 'rle' in segmentation) {
    const {rle} = segmentation;
    if (rle.height !== height || rle.width !== width) {
      return `its mask is ${rle.width} × ${rle.height}, but image ${imageId} is ${width} × ${height}.`;
    }
  }
  if (segmentation) annotation.bbox ??= rleToBox(drawSegmentation(segmentation, height, width));
  if (annotation.bbox) annotation.area ??= annotation.bbox[2] * annotation.bbox[3];
  return undefined;
}

/** The first ids of the categories, for a message. */
function idsOf(categories: ReadonlyMap<number, string>): string {
  const ids = [...categories.keys()];
  return ids.slice(0, 5).join(', ') + (ids.length > 5 ? ' …' : '');
}

/** @returns undefined if there is none. */
function parseBox(value: Json | undefined): CocoAnnotation['bbox'] | 'wrong' | undefined {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  if (!Array.isArray(value) || value.length !== 4) return 'wrong';
  const [x, y, width, height] = value;
  const numbers =
    typeof x === 'number' && typeof y === 'number' && typeof width === 'number' && typeof height === 'number';
  return numbers ? [x, y, width, height] : 'wrong';
}
