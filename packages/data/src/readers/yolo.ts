// Datasets for YOLO: images, a text file for each, and one YAML file, as Ultralytics lays them out.
import {readdir, stat} from 'node:fs/promises';
import {dirname, join, parse, resolve, sep} from 'node:path';
import pLimit from 'p-limit';
import {type AnnotatedDataset, annotatedDataset, type ImageRecord} from '../annotations/annotatedDataset.js';
import type {ObjectLimit} from '../annotations/objectLimit.js';
import {ProblemList, type ProblemOptions} from '../annotations/problems.js';
import {DatasetError} from '../datasetError.js';
import type {DecodeOptions} from '../decodeImage.js';
import {imageExtensions} from '../imageFormat.js';
import {existingFiles} from './existingFiles.js';
import {readLines, readText} from './nameList.js';
import {parseYoloLabels} from './yoloLabels.js';
import {readYoloYaml} from './yoloYaml.js';

export interface YoloOptions extends DecodeOptions, ProblemOptions, ObjectLimit {
  /** @defaultValue 'train' */
  split?: 'train' | 'val' | 'test';
}

/**
 * Objects in YOLO's layout. The labels of `…/images/a/1.jpg` stand in `…/labels/a/1.txt`; an image without such a file,
 * or with an empty one, has no objects. Masks are given if every object is a polygon.
 *
 * @param file - The YAML file with `path`, `train`, `val` and `names`.
 * @throws DatasetError if the YAML file or a folder cannot be used.
 * @throws AnnotationError listing every bad line.
 */
export async function yolo(
  file: string,
  {split = 'train', fix = false, collect, ...decoding}: YoloOptions = {},
): Promise<AnnotatedDataset> {
  const {categories, images: places} = await readYoloYaml(file, split);
  const problems = new ProblemList({fix, ...(collect && {collect})});
  const images = (await Promise.all(places.map(place => imagesAt(place, file, problems)))).flat();
  const hasLabels = await existingFiles(images.map(labelFile));
  const limit = pLimit(8);
  const records = await Promise.all(
    images.map(image =>
      limit(async (): Promise<ImageRecord> => {
        const source = labelFile(image);
        const text = hasLabels(source) ? await readText(source) : '';
        const objects = parseYoloLabels(source, text, categories.length, problems);
        return {file: image, source, unit: 'image', objects};
      }),
    ),
  );
  const objects = records.flatMap(record => record.objects);
  const repairs = problems.settle(file);
  if (records.length === 0) throw new DatasetError(file, `no images in ${places.join(', ')}.`);
  return annotatedDataset(records, {
    ...decoding,
    categories,
    masks: objects.length > 0 && objects.every(({mask}) => mask),
    fix: fix || collect !== undefined,
    ...(collect && {collect}),
    repairs,
  });
}

/** The last folder called `images` becomes `labels`. */
function labelFile(image: string): string {
  const {dir, name} = parse(image);
  const folders = dir.split(sep);
  const at = folders.lastIndexOf('images');
  if (at >= 0) folders[at] = 'labels';
  return join(folders.join(sep), `${name}.txt`);
}

/** Of a folder, all images at any depth; of a text file, those on its lines. */
async function imagesAt(place: string, yaml: string, problems: ProblemList): Promise<string[]> {
  const found = await stat(place).catch((cause: Error) => {
    const advice = `Correct the paths in ${yaml}: "path" starts from its own folder, the others from there.`;
    throw new DatasetError(place, `no such folder or list of images. ${advice}`, {cause});
  });
  if (found.isDirectory()) {
    const names = await readdir(place, {recursive: true});
    return names
      .filter(name => imageExtensions.test(name))
      .sort()
      .map(name => join(place, name));
  }
  const lines = (await readLines(place)).map(({name, line}) => ({path: resolve(dirname(place), name), line}));
  const exists = await existingFiles(lines.map(({path}) => path));
  return lines.flatMap(({path, line}) => {
    if (exists(path)) return [path];
    problems.add(place, `line ${line}`, `no file ${path}.`, 'left out');
    return [];
  });
}
