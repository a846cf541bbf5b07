import {existsSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Dataset, ProblemOptions} from '@foveal/data';
import {cocoImages} from './cocoImages.js';
import type {DataSpec} from './dataSpec.js';
import {labelledFolder} from './labelledFolder.js';
import {sceneSettings} from './sceneSettings.js';
import {UsageError} from './usageError.js';

/** What a path alone does not tell about a dataset. */
export interface DataOptions {
  /** Of coco and table: the folder that file names start from. */
  images?: string;
  /** Of masks and instances: the folder of the masks. */
  masks?: string;
  /** Of masks and instances: what a mask's name has after its image's. */
  suffix?: string;
  /** Of masks and instances: a text file with the names of the images that count. */
  list?: string;
  /** Names of the categories, or a text file of them. */
  categories?: string | readonly string[];
  /** Of masks: the value of each category. */
  values?: Readonly<Record<string, number>>;
  /** Of masks: values that do not count. */
  ignore?: readonly number[];
  /** Of labelled objects: clip boxes to their images and leave out what cannot be used. */
  fix?: boolean;
}

/** Opens a dataset; with `collect` or `fix`, its problems do not refuse it. */
export type Reader = (problems: ProblemOptions) => Promise<Dataset>;

/**
 * Chooses the reader of a dataset.
 *
 * @param split - `train`, `test`, or another name that the dataset has; undefined for all that it does not divide.
 * @throws UsageError if an option is missing that its kind needs.
 */
export async function readerOf(
  {kind, path}: DataSpec,
  split: string | undefined,
  {images, masks, suffix, list, categories, values, ignore}: DataOptions,
): Promise<Reader> {
  const data = await import('@foveal/data');
  const part = split === 'test' ? 'test' : 'train';
  const pairing = {...(suffix !== undefined && {suffix}), ...(list !== undefined && {list})};
  switch (kind) {
    case 'cifar10':
      return () => data.cifar10(path, {split: part});
    case 'cifar100':
      return () => data.cifar100(path, {split: part});
    case 'mnist':
      return () => data.mnist(path, {split: part});
    case 'digit-scenes': {
      const {folder, ...options} = sceneSettings(path);
      return () => data.digitScenes(folder, {...options, split: part});
    }
    case 'folder':
      return () => data.imageFolder(splitFolder(path, split));
    case 'images': {
      const {unlabelledImages} = await import('../autoencoder/unlabelledImages.js');
      return () => unlabelledImages(splitFolder(path, split));
    }
    case 'table': {
      const {file, ...found} = await labelledFolder(path);
      const options = {...found, ...(images !== undefined && {images}), ...(categories && {categories})};
      return problems => data.table(file, {...options, ...problems});
    }
    case 'coco': {
      const folder = images ?? (await cocoImages(path));
      return problems => data.coco(path, {images: folder, ...problems});
    }
    case 'voc': {
      const own = vocSplit(path, split);
      const options = {...(own !== undefined && {split: own}), ...(categories && {categories})};
      return problems => data.voc(path, {...options, ...problems});
    }
    case 'yolo':
      return problems =>
        data.yolo(path, {split: split === 'test' || split === 'val' ? split : 'train', ...problems});
    case 'instances':
      if (masks !== undefined)
        return problems => data.indexMasks(path, {masks, ...pairing, ...oneOf(categories), ...problems});
      return problems =>
        data.instanceMasks(path, {...(list !== undefined && {list}), ...oneOf(categories), ...problems});
    case 'masks': {
      if (masks === undefined || categories === undefined) {
        throw new UsageError(
          `--data masks:${path} needs --masks FOLDER and --categories, in the order of the masks' values.`,
        );
      }
      const options = {masks, categories, ...pairing, ...(values && {values}), ...(ignore && {ignore})};
      return problems => data.maskFolder(path, {...options, ...problems});
    }
  }
}

const oneOf = (categories: DataOptions['categories']) =>
  typeof categories === 'object' && categories.length === 1 ? {category: categories[0]} : {};

/** What folders and lists of a part are called; a set without a test part is measured on its validation part. */
export const splitNames: Record<string, readonly string[]> = {
  train: ['train', 'training'],
  test: ['test', 'val', 'valid', 'validation'],
};

const vocSplit = (path: string, split: string | undefined) =>
  split && splitNames[split]?.find(name => existsSync(join(path, 'ImageSets', 'Main', `${name}.txt`)));

/** A folder of categories, or the one for this split if the categories lie a level deeper. */
function splitFolder(path: string, split: string | undefined): string {
  const isFolder = (name: string) => existsSync(join(path, name)) && statSync(join(path, name)).isDirectory();
  const has = (names: readonly string[]) => names.find(isFolder);
  if (split === undefined || !has(splitNames['train']) || !has(splitNames['test'])) return path;
  return join(path, has(splitNames[split] ?? [split]) ?? split);
}
