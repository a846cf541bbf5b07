// COCO's annotation format: Lin et al., "Microsoft COCO", ECCV 2014, arXiv:1405.0312.
import {rleToBox} from '@foveal/core';
import type {ProblemList} from '../annotations/problems.js';
import {DatasetError} from '../datasetError.js';
import {type CocoSegmentation, drawSegmentation, parseSegmentation} from './cocoSegmentation.js';
import {forEachElement, type Json} from './jsonElements.js';

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
  segmentation?: CocoSegmentation;
}

export interface CocoFile {
  images: Map<number, CocoImage>;
  /** Names by id, in the order of the ids. */
  categories: Map<number, string>;
  /** Only of known images and categories. */
  annotations: CocoAnnotation[];
}

/**
 * Reads COCO's JSON as a stream, so that its size does not matter, and checks what holds without looking at boxes: ids
 * are there and unique, annotations name images and categories that exist, masks have their image's size.
 *
 * @throws DatasetError if the file is no JSON, or no COCO annotations.
 */
export async function readCocoFile(file: string, problems: ProblemList): Promise<CocoFile> {
  const images = new Map<number, CocoImage>();
  const names = new Map<number, string>();
  const raw: RawAnnotation[] = [];
  const ids = {images: new Map(), categories: new Map(), annotations: new Map()} as const;

  function element(list: keyof typeof ids, index: number, value: Json, required: readonly string[]) {
    const place = `${list}[${index}]`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      problems.add(file, place, 'expected an object.', 'left out');
      return undefined;
    }
    const id = value['id'];
    if (typeof id !== 'number' || !Number.isSafeInteger(id)) {
      problems.add(file, place, `id must be a whole number, got ${JSON.stringify(id)}.`, 'left out');
      return undefined;
    }
    const first = ids[list].get(id);
    if (first !== undefined) {
      problems.add(file, place, `id ${id} is taken: ${list}[${first}] has it, too.`);
      return undefined;
    }
    ids[list].set(id, index);
    const missing = required.filter(key => value[key] === undefined || value[key] === null);
    if (missing.length > 0) {
      problems.add(file, `${place} (id ${id})`, `has no ${missing.join(', ')}.`, 'left out');
      return undefined;
    }
    return {id, place: `${place} (id ${id})`, value};
  }

  const counts = await forEachElement(file, {
    images(value, index) {
      const image = element('images', index, value, ['file_name', 'width', 'height']);
      if (!image) return;
      const {file_name: fileName, width, height} = image.value;
      if (typeof fileName !== 'string' || fileName === '') {
        problems.add(file, image.place, 'file_name must be text.', 'left out');
      } else if (!isSide(width) || !isSide(height)) {
        const got = JSON.stringify([width, height]);
        problems.add(
          file,
          image.place,
          `width and height must be whole numbers from 1, got ${got}.`,
          'left out',
        );
      } else images.set(image.id, {id: image.id, fileName, width, height});
    },
    categories(value, index) {
      const category = element('categories', index, value, ['name']);
      if (category) names.set(category.id, String(category.value['name']));
    },
    annotations(value, index) {
      const annotation = element('annotations', index, value, ['image_id', 'category_id']);
      if (annotation) raw.push(parseAnnotation(annotation.id, annotation.value));
    },
  });
  for (const list of ['images', 'categories', 'annotations']) {
    if (counts.has(list)) continue;
    const results = counts.size === 0 ? ' A list of results is not a dataset.' : '';
    throw new DatasetError(
      file,
      `no list "${list}": expected an object with images, categories and annotations.${results}`,
    );
  }
  const byName = new Map<string, number>();
  for (const [id, name] of names) {
    const other = byName.get(name);
    if (other !== undefined)
      problems.add(file, `category ${id}`, `is called "${name}" like category ${other}.`);
    byName.set(name, id);
  }
  const categories = new Map([...names].sort(([a], [b]) => a - b));
  const annotations = raw.flatMap(annotation => {
    const resolved = resolve(annotation, images, categories);
    if (typeof resolved !== 'string') return [resolved];
    problems.add(file, `annotation ${annotation.id}`, resolved, 'left out');
    return [];
  });
  return {images, categories, annotations};

  function parseAnnotation(id: number, value: {[key: string]: Json}): RawAnnotation {
    const annotation: RawAnnotation = {
      id,
      imageId: Number(value['image_id']),
      categoryId: Number(value['category_id']),
      bbox: parseBox(value['bbox']),
      area: typeof value['area'] === 'number' ? value['area'] : undefined,
      crowd: value['iscrowd'] === 1 || value['iscrowd'] === true,
    };
    try {
      annotation.segmentation = parseSegmentation(value['segmentation'], reason =>
        problems.add(file, `annotation ${id}`, reason, 'polygon left out'),
      );
    } catch (error) {
      annotation.fault = (error as Error).message;
    }
    return annotation;
  }
}

interface RawAnnotation {
  id: number;
  imageId: number;
  categoryId: number;
  bbox: CocoAnnotation['bbox'] | 'absent' | 'wrong';
  area: number | undefined;
  crowd: boolean;
  segmentation?: CocoSegmentation | undefined;
  fault?: string;
}

/** @returns the annotation, or why it cannot be used. */
function resolve(
  {bbox, area, segmentation, fault, ...annotation}: RawAnnotation,
  images: ReadonlyMap<number, CocoImage>,
  categories: ReadonlyMap<number, string>,
): CocoAnnotation | string {
  const image = images.get(annotation.imageId);
  if (!image) return `there is no image ${annotation.imageId}.`;
  if (!categories.has(annotation.categoryId)) return `there is no category ${annotation.categoryId}.`;
  if (fault !== undefined) return fault;
  if (bbox === 'wrong') return 'bbox must be four numbers, [x, y, width, height].';
  if (segmentation && 'rle' in segmentation) {
    const {height, width} = segmentation.rle;
    if (height !== image.height || width !== image.width) {
      return `its mask is ${width} × ${height}, but image ${image.id} is ${image.width} × ${image.height}.`;
    }
  } else if (segmentation?.polygons.length === 0) return 'no polygon of it can be drawn.';
  if (bbox === 'absent' && !segmentation) return 'has neither a bbox nor a segmentation.';
  const box =
    bbox === 'absent' && segmentation
      ? rleToBox(drawSegmentation(segmentation, image.height, image.width))
      : (bbox as CocoAnnotation['bbox']);
  const known = {...annotation, bbox: box, area: area ?? box[2] * box[3]};
  return segmentation ? {...known, segmentation} : known;
}

function parseBox(value: Json | undefined): RawAnnotation['bbox'] {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return 'absent';
  if (!Array.isArray(value) || value.length !== 4) return 'wrong';
  const [x, y, width, height] = value;
  const numbers =
    typeof x === 'number' && typeof y === 'number' && typeof width === 'number' && typeof height === 'number';
  return numbers ? [x, y, width, height] : 'wrong';
}

const isSide = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 2 ** 20;
