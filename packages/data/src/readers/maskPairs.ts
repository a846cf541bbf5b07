import {parse} from 'node:path';
import {ProblemList, type ProblemOptions} from '../annotations/problems.js';
import {DatasetError} from '../datasetError.js';
import {imagesByStem} from './imagesByStem.js';
import {readLines} from './nameList.js';

export interface MaskPairsOptions extends ProblemOptions {
  /** What a mask's name has after the image's: `_mask` for `1.jpg` and `1_mask.png`. @defaultValue '' */
  suffix?: string;
  /** A text file with the names of the images that count, with or without their endings. @defaultValue all */
  list?: string;
}

export interface MaskPair {
  image: string;
  mask: string;
}

/**
 * Finds the mask of each image by its name.
 *
 * @throws AnnotationError listing every image without a mask, mask without an image, and listed name without either.
 */
export async function maskPairs(
  images: string,
  masks: string,
  {suffix = '', list, fix = false, collect}: MaskPairsOptions,
): Promise<MaskPair[]> {
  const problems = new ProblemList({fix, ...(collect && {collect})});
  const imageOf = await imagesByStem(images);
  const maskOf = await imagesByStem(masks);
  const stems = list === undefined ? [...imageOf.keys()] : await listed(list);
  const pairs: MaskPair[] = [];
  for (const stem of stems) {
    const image = imageOf.get(stem);
    const mask = maskOf.get(stem + suffix);
    if (image === undefined) problems.add(images, '', `no image ${stem}.*, which ${list} lists.`, 'left out');
    else if (mask === undefined) {
      problems.add(image, '', `no mask ${stem + suffix}.png for it in ${masks}.`, 'left out');
    } else pairs.push({image, mask});
  }
  if (list === undefined) {
    for (const [stem, mask] of maskOf) {
      const own = stem.endsWith(suffix) && imageOf.has(stem.slice(0, stem.length - suffix.length));
      if (!own) problems.add(mask, '', `no image for it in ${images}.`, 'left out');
    }
  }
  problems.settle(images);
  if (pairs.length === 0) throw new DatasetError(images, `no image with a mask in ${masks}.`);
  return pairs;
}

/** Names in a list, in its order, without folders and endings. */
export async function listed(file: string): Promise<string[]> {
  const lines = await readLines(file);
  const stems = lines.map(({name}) => {
    const {base, ext, name: stem} = parse(name.split(/\s+/)[0]);
    // `scan.v2` is a name, `scan.png` a file.
    return /^\.[a-z]+$/i.test(ext) ? stem : base;
  });
  return [...new Set(stems)];
}
