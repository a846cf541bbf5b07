// Pascal VOC: Everingham et al., "The Pascal Visual Object Classes Challenge", IJCV 2010, and its development kit.
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import pLimit from 'p-limit';
import {
  type AnnotatedDataset,
  annotatedDataset,
  type ImageRecord,
  type ObjectRecord,
} from '../annotations/annotatedDataset.js';
import {type Box, boxFault} from '../annotations/boxRule.js';
import type {ObjectLimit} from '../annotations/objectLimit.js';
import {ProblemList, type ProblemOptions} from '../annotations/problems.js';
import {DatasetError} from '../datasetError.js';
import type {DecodeOptions} from '../decodeImage.js';
import {imagesByStem} from './imagesByStem.js';
import {categoryNames, readLines, readText} from './nameList.js';
import type {VocAnnotation} from './vocXml.js';

export interface VocOptions extends DecodeOptions, ProblemOptions, ObjectLimit {
  /** A list in `ImageSets/Main`: `train`, `val`, `trainval`, `test`. @defaultValue every annotation */
  split?: string;
  /**
   * Names in the order of their labels, or a text file of them; objects of other names are problems.
   * @defaultValue every name in `Annotations`, in order, so that all splits agree
   */
  categories?: string | readonly string[];
  /**
   * The number of the first pixel. VOC counts from 1 and includes the last pixel, so that `xmin = 1, xmax = 500` is
   * `[0, 500]`; with 0, coordinates are taken as they are written. @defaultValue 1
   */
  firstPixel?: 0 | 1;
}

/**
 * Objects in Pascal VOC's layout: `Annotations/*.xml`, `JPEGImages`, and lists in `ImageSets/Main`. Entities in the XML
 * are not expanded, and nothing is fetched.
 *
 * @throws DatasetError if a folder or list is missing.
 * @throws AnnotationError listing every file, and every object by its line, that cannot be used.
 */
export async function voc(
  folder: string,
  {split, categories: given, firstPixel = 1, fix = false, collect, ...decoding}: VocOptions = {},
): Promise<AnnotatedDataset> {
  const problems = new ProblemList({fix, ...(collect && {collect})});
  const images = await imagesByStem(
    join(folder, 'JPEGImages'),
    'Pass the folder that holds JPEGImages, Annotations and ImageSets/Main.',
  );
  const annotated = await xmlStems(join(folder, 'Annotations'));
  const wanted = split === undefined ? annotated : await stemsOfSplit(folder, split);
  const source = (stem: string) => join(folder, 'Annotations', `${stem}.xml`);
  const parsed = await parseAll(given === undefined ? new Set([...annotated, ...wanted]) : wanted);
  const named = [...parsed.values()].flatMap(({objects}) => objects.map(({name}) => name));
  const categories = given === undefined ? [...new Set(named)].sort() : await categoryNames(given);
  const labels = new Map(categories.map((name, label) => [name, label]));

  const records: ImageRecord[] = [];
  for (const stem of wanted) {
    const annotation = parsed.get(stem);
    if (!annotation) continue;
    const file = images.get(stem);
    if (file === undefined) {
      problems.add(source(stem), '', `no image JPEGImages/${stem}.* for it.`, 'left out');
      continue;
    }
    for (const {place, reason} of annotation.faults) problems.add(source(stem), place, reason, 'left out');
    const {size} = annotation;
    const objects = annotation.objects.flatMap(object => toObject(object, source(stem), size));
    records.push({file, source: source(stem), objects, ...(size && {size})});
  }
  const repairs = problems.settle(folder);
  if (records.length === 0) throw new DatasetError(folder, `no image with annotations in it.`);
  return annotatedDataset(records, {
    ...decoding,
    categories,
    masks: false,
    fix: fix || collect !== undefined,
    ...(collect && {collect}),
    repairs,
  });

  async function parseAll(stems: Iterable<string>): Promise<Map<string, VocAnnotation>> {
    // Loaded when it is needed: programs that read no XML start 20 ms sooner.
    const {parseVocXml} = await import('./vocXml.js');
    const limit = pLimit(8);
    const needed = new Set(wanted);
    const found = new Map<string, VocAnnotation>();
    const parse = async (stem: string) => {
      try {
        found.set(stem, parseVocXml(await readText(source(stem))));
      } catch (error) {
        const reason = error instanceof DatasetError ? error.reason : (error as Error).message;
        // A broken file of another split is that split's problem.
        if (needed.has(stem)) problems.add(source(stem), '', reason, 'image left out');
      }
    };
    await Promise.all([...stems].map(stem => limit(parse, stem)));
    return found;
  }

  function toObject(
    {name, place, corners, difficult}: VocAnnotation['objects'][number],
    file: string,
    size: VocAnnotation['size'],
  ): ObjectRecord[] {
    const label = labels.get(name);
    if (label === undefined) {
      problems.add(file, place, `"${name}" is none of the categories ${categories.join(', ')}.`, 'left out');
      return [];
    }
    const [x1, y1, x2, y2] = corners;
    // A box of one pixel is legal where the last pixel is included, but in practice it is a slip of the mouse.
    const fault = boxFault(corners) ?? boxFault([x1 - firstPixel, y1 - firstPixel, x2, y2], size);
    if (fault) problems.add(file, place, fault.reason, fault.repaired ? 'clipped' : 'left out');
    const box: Box | undefined = fault ? fault.repaired : [x1 - firstPixel, y1 - firstPixel, x2, y2];
    return box ? [{label, place, box, ...(difficult && {difficult})}] : [];
  }
}

async function xmlStems(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: Error) => {
    throw new DatasetError(folder, 'no such folder. Expected one XML file for each image there.', {cause});
  });
  return names
    .flatMap(name => (name.endsWith('.xml') && !name.startsWith('.') ? [name.slice(0, -4)] : []))
    .sort();
}

/** The list of a class (`cat_train.txt`) has 1, 0 or −1 beside each name. */
async function stemsOfSplit(folder: string, split: string): Promise<string[]> {
  const file = join(folder, 'ImageSets', 'Main', `${split}.txt`);
  const lines = await readLines(file).catch(async error => {
    const there = await readdir(join(folder, 'ImageSets', 'Main')).catch(() => []);
    const hint = there.length > 0 ? ` It holds ${there.slice(0, 8).join(', ')}.` : '';
    throw error instanceof DatasetError ? new DatasetError(file, error.reason + hint, {cause: error}) : error;
  });
  return [...new Set(lines.map(({name}) => name.split(/\s+/)[0]))];
}
