// COCO's annotation format: Lin et al., "Microsoft COCO", ECCV 2014, arXiv:1405.0312.
import type {ProblemList} from '../annotations/problems.js';
import {DatasetError} from '../datasetError.js';
import {
  type CocoAnnotation,
  type CocoImage,
  complete,
  type ParsedAnnotation,
  parseAnnotation,
} from './cocoAnnotation.js';
import type {Json} from './elementScanner.js';
import {forEachElement} from './jsonElements.js';
import {NumberPool} from './numberPool.js';

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
 * @param options - `masks`: whether segmentations are read where there is a box. @defaultValue `{masks: true}`
 * @throws DatasetError if the file is no JSON, or no COCO annotations.
 */
export async function readCocoFile(
  file: string,
  problems: ProblemList,
  {masks = true}: {masks?: boolean} = {},
): Promise<CocoFile> {
  const images = new Map<number, CocoImage>();
  const names = new Map<number, string>();
  const parsed: ParsedAnnotation[] = [];
  const pool = new NumberPool();
  /** The place of each id in its list. */
  const ids = {
    images: new Map<number, number>(),
    categories: new Map<number, number>(),
    annotations: new Map<number, number>(),
  };

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
      if (!annotation) return;
      const {id} = annotation;
      const own = parseAnnotation(id, annotation.value, {
        masks,
        pool,
        onBadPolygon: reason => problems.add(file, `annotation ${id}`, reason, 'polygon left out'),
      });
      if (typeof own === 'string') problems.add(file, `annotation ${id}`, own, 'left out');
      else parsed.push(own);
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
  const annotations = parsed.filter((annotation): annotation is CocoAnnotation => {
    const fault = complete(annotation, images, categories);
    if (fault !== undefined) problems.add(file, `annotation ${annotation.id}`, fault, 'left out');
    return fault === undefined;
  });
  return {images, categories, annotations};
}

const isSide = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 2 ** 20;
