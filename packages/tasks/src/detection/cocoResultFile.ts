// Detections in COCO's results format, as its site describes it (arXiv:1405.0312).
import {readFile, rename, writeFile} from 'node:fs/promises';
import {basename, parse} from 'node:path';
import {z} from 'zod';
import type {ResultCollector} from '../kinds/taskKind.js';
import type {DetectionRecord} from './detectionRecord.js';

const labels = z.object({
  images: z.array(z.object({id: z.number(), file_name: z.string()})),
  categories: z.array(z.object({id: z.number(), name: z.string()})),
});

/**
 * Collects detections and writes them as one list of `{image_id, category_id, bbox, segmentation, score}`.
 *
 * @param ids - A file of labels in COCO's format, whose ids of images and categories are taken. Without one, an image's
 * id is the number that its name is, or else the name, and categories count from 1.
 */
export async function cocoResultFile(
  path: string,
  categories: readonly string[],
  ids: string | undefined,
): Promise<ResultCollector> {
  const idOf = ids === undefined ? undefined : await idsIn(ids);
  const missing = idOf && categories.find(name => !idOf.category.has(name));
  if (missing !== undefined) {
    throw new Error(`--ids ${ids}: has no category "${missing}", which the model knows.`);
  }
  const categoryId = (name: string) => idOf?.category.get(name) ?? categories.indexOf(name) + 1;
  const imageId = (file: string): number | string => {
    const known = idOf && (idOf.image.get(file) ?? idOf.image.get(basename(file)));
    if (known !== undefined) return known;
    if (idOf) throw new Error(`--ids ${ids}: has no image "${basename(file)}".`);
    const {name, base} = parse(file);
    return /^\d{1,15}$/.test(name) ? Number(name) : base;
  };
  const results: object[] = [];
  return {
    add({file, objects}: DetectionRecord) {
      for (const {category, score, box, mask} of objects) {
        const [x1, y1, x2, y2] = box;
        const bbox = [x1, y1, x2 - x1, y2 - y1].map(value => Number(value.toFixed(2)));
        results.push({
          image_id: imageId(file),
          category_id: categoryId(category),
          bbox,
          score,
          ...(mask && {segmentation: mask}),
        });
      }
    },
    async finish() {
      // Beside the old one: a process that is killed here leaves no half of a file.
      await writeFile(`${path}.tmp`, `[${results.map(one => `\n${JSON.stringify(one)}`).join(',')}\n]\n`);
      await rename(`${path}.tmp`, path);
    },
  };
}

async function idsIn(file: string) {
  const {success, data, error} = labels.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!success) {
    const [{path, message}] = error.issues;
    throw new Error(`--ids ${file}: expected labels in COCO's format; ${path.join('.')}: ${message}.`);
  }
  return {
    image: new Map(
      data.images.flatMap(({id, file_name: name}) => [[name, id] as const, [basename(name), id] as const]),
    ),
    category: new Map(data.categories.map(({id, name}) => [name, id])),
  };
}
