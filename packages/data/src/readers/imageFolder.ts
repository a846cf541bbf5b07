import {readdir, realpath, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {checkIndex, type Dataset} from '../dataset.js';
import {DatasetError} from '../datasetError.js';
import type {DecodeOptions} from '../decodeImage.js';
import {decodeHere} from '../decoder.js';
import {imageExtensions} from '../imageFormat.js';

/**
 * Images in one folder per class, as torchvision's `ImageFolder` reads them: the folders' names in order are the
 * categories, files may lie deeper inside, and names that begin with a dot are left out. Links are followed; a folder
 * is visited once, so loops end.
 *
 * @param options - How images are decoded.
 * @throws DatasetError if there is no such folder, it holds no folders, or one of them holds no image.
 */
export async function imageFolder(folder: string, options: DecodeOptions = {}): Promise<Dataset> {
  const categories: string[] = [];
  const samples: {file: string; label: number}[] = [];
  for (const name of await visibleNames(folder)) {
    const path = join(folder, name);
    if (!(await isFolder(path))) continue;
    const files = await imagesIn(path, new Set());
    if (files.length === 0)
      throw new DatasetError(path, 'a class without images. Remove the folder, or fill it.');
    for (const file of files) samples.push({file, label: categories.length});
    categories.push(name);
  }
  if (categories.length === 0) {
    throw new DatasetError(
      folder,
      'no folder of images in it. Expected one folder per class: cats/1.jpg, dogs/1.jpg.',
    );
  }
  return {
    length: samples.length,
    categories,
    async get(index, decoder = decodeHere) {
      checkIndex(index, samples.length);
      const {file, label} = samples[index];
      return {image: await decoder.unseen(file, options), label, file};
    },
  };
}

async function imagesIn(folder: string, seen: Set<string>): Promise<string[]> {
  const real = await realpath(folder);
  if (seen.has(real)) return [];
  seen.add(real);
  const files: string[] = [];
  for (const name of await visibleNames(folder)) {
    const path = join(folder, name);
    if (await isFolder(path)) files.push(...(await imagesIn(path, seen)));
    else if (imageExtensions.test(name)) files.push(path);
  }
  return files;
}

/** In order of their characters' codes, the same everywhere. */
async function visibleNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(name => !name.startsWith('.')).sort();
  } catch (cause) {
    const {code, message} = cause as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'no such folder. Check the path.'
        : code === 'ENOTDIR'
          ? 'expected a folder, got a file.'
          : `cannot be read: ${message}.`;
    throw new DatasetError(folder, reason, {cause});
  }
}

// A link that leads nowhere is not a folder; if it is called like an image, decoding tells.
const isFolder = (path: string) =>
  stat(path).then(
    entry => entry.isDirectory(),
    () => false,
  );
