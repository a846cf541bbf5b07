import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {type Rle, rleFromMask, rleToBox} from '@foveal/core';
import {ProblemList, type ProblemOptions} from '../annotations/problems.js';
import {checkSample} from '../checkSample.js';
import {checkIndex, type Dataset} from '../dataset.js';
import {DatasetError} from '../datasetError.js';
import type {DecodeOptions} from '../decodeImage.js';
import {type Decoder, decodeHere} from '../decoder.js';
import type {Sample} from '../sample.js';
import {imagesByStem} from './imagesByStem.js';
import {listed, type MaskPairsOptions, maskPairs} from './maskPairs.js';
import {type MaskPng, readMaskPng} from './maskPng.js';

export interface InstanceMasksOptions extends DecodeOptions, ProblemOptions {
  /** What all objects are. @defaultValue 'object' */
  category?: string;
  /** A text file with the names that count. @defaultValue all */
  list?: string;
}

/**
 * Objects of one category with a PNG each: `<name>/images/<name>.png` and `<name>/masks/*.png`, as the Data Science
 * Bowl 2018 lays them out. Any value but 0 belongs to the object; its box is the tight one.
 *
 * @throws AnnotationError listing folders without one image or without masks. `get` throws DatasetError for a mask that
 * is empty (with `fix`, it is left out), damaged, or of another size than the image.
 */
export async function instanceMasks(
  folder: string,
  {category = 'object', list, fix = false, collect, ...decoding}: InstanceMasksOptions = {},
): Promise<Dataset> {
  const problems = new ProblemList({fix, ...(collect && {collect})});
  const items: {file: string; masks: string[]}[] = [];
  for (const name of list === undefined ? await foldersIn(folder) : await listed(list)) {
    const place = join(folder, name);
    const images = await filesOf(join(place, 'images'));
    const masks = await filesOf(join(place, 'masks'));
    if (images.length !== 1) {
      problems.add(place, 'images', `expected one image, found ${images.length}.`, 'left out');
    } else if (masks.length === 0)
      problems.add(place, 'masks', 'expected a PNG for each object.', 'left out');
    else items.push({file: images[0], masks});
  }
  problems.settle(folder);
  if (items.length === 0) throw new DatasetError(folder, 'no folder with images/ and masks/ in it.');
  return {
    length: items.length,
    categories: [category],
    async get(index, decoder = decodeHere) {
      checkIndex(index, items.length);
      const {file, masks} = items[index];
      const drawn: Drawn[] = [];
      for (const mask of masks) drawn.push({file: mask, png: await readMaskPng(mask)});
      const objects = drawn.map(({file: from, png}) => ({from, rle: rleOf(png, value => value !== 0), png}));
      return toSample(file, objects, {decoder, decoding, fix: fix || collect !== undefined});
    },
  };
}

export interface IndexMasksOptions extends DecodeOptions, MaskPairsOptions {
  /** The folder of the masks. */
  masks: string;
  /** What all objects are. @defaultValue 'object' */
  category?: string;
}

/**
 * Objects of one category with one PNG an image, in which 0 is background and each other value an object, as the
 * Penn-Fudan pedestrians have them: `PNGImages` and `PedMasks` with `suffix: '_mask'`. Objects come by rising values.
 *
 * @param images - The folder of the images.
 * @throws AnnotationError listing images without masks and masks without images. `get` throws DatasetError for a mask
 * in colours, damaged, or of another size than the image.
 */
export async function indexMasks(
  images: string,
  {masks, category = 'object', suffix, list, fix, collect, ...decoding}: IndexMasksOptions,
): Promise<Dataset> {
  const pairs = await maskPairs(images, masks, {
    ...(suffix !== undefined && {suffix}),
    ...(list !== undefined && {list}),
    ...(fix !== undefined && {fix}),
    ...(collect && {collect}),
  });
  return {
    length: pairs.length,
    categories: [category],
    async get(index, decoder = decodeHere) {
      checkIndex(index, pairs.length);
      const {image, mask} = pairs[index];
      const png = await readMaskPng(mask);
      if (png.channels !== 1)
        throw new DatasetError(mask, 'a mask in colours; expected one value an object.');
      const values = [...new Set(png.data)].filter(value => value !== 0).sort((a, b) => a - b);
      const objects = values.map(value => ({from: mask, rle: rleOf(png, at => at === value), png}));
      return toSample(image, objects, {decoder, decoding, fix: fix === true, mask: {file: mask, png}});
    },
  };
}

interface Drawn {
  file: string;
  png: MaskPng;
}

async function toSample(
  file: string,
  objects: readonly {from: string; rle: Rle; png: MaskPng}[],
  {decoder, decoding, fix, mask}: {decoder: Decoder; decoding: DecodeOptions; fix: boolean; mask?: Drawn},
): Promise<Sample> {
  const image = await decoder.whole(file, decoding);
  const drawn = mask ? [mask] : objects.map(({from, png}) => ({file: from, png}));
  for (const {file: from, png} of drawn) {
    if (png.width === image.width && png.height === image.height) continue;
    throw new DatasetError(
      from,
      `the mask is ${png.width} × ${png.height}, but its image ${image.width} × ${image.height}. ` +
        'Resize it to that size without interpolation (nearest), or find the mask that belongs to the image.',
    );
  }
  const kept = objects.flatMap(({from, rle}) => {
    const [x, y, width, height] = rleToBox(rle);
    if (width > 0) return [{rle, box: [x, y, x + width, y + height]}];
    if (fix) return [];
    throw new DatasetError(from, 'the mask is empty. Remove it, or pass fix: true to leave it out.');
  });
  const sample: Sample = {
    image,
    boxes: Float32Array.from(kept.flatMap(({box}) => box)),
    labels: new Int32Array(kept.length),
    crowd: new Uint8Array(kept.length),
    masks: kept.map(({rle}) => rle),
    file,
  };
  checkSample(sample, 1);
  return sample;
}

function rleOf({data, width, height, channels}: MaskPng, belongs: (value: number) => boolean): Rle {
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    if (belongs(data[i])) mask[Math.floor(i / channels)] = 1;
  }
  return rleFromMask(mask, height, width);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {withFileTypes: true}).catch((cause: Error) => {
    throw new DatasetError(folder, 'no such folder. Check the path.', {cause});
  });
  return entries
    .flatMap(entry => (entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : []))
    .sort();
}

const filesOf = async (folder: string) => {
  try {
    return [...(await imagesByStem(folder)).values()];
  } catch {
    return [];
  }
};
