// The dataset file that Ultralytics' YOLO reads.
import {stat} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {DatasetError} from '../datasetError.js';
import {readText} from './nameList.js';

export interface YoloYaml {
  categories: readonly string[];
  /** Folders of images, or text files that list them. */
  images: string[];
}

/**
 * Reads `names`, `nc`, `path` and one split. Folders start from `path`, which starts from the file's own folder.
 *
 * @throws DatasetError naming what is missing or contradicts itself.
 */
export async function readYoloYaml(file: string, split: string): Promise<YoloYaml> {
  if ((await stat(file).catch(() => undefined))?.isDirectory()) {
    throw new DatasetError(file, 'is a folder. Pass the YAML file of the dataset, which names its folders.');
  }
  const text = await readText(file);
  // Loaded when it is needed: programs that read no YAML start 20 ms sooner.
  const {parse} = await import('yaml');
  let content: unknown;
  try {
    content = parse(text, {maxAliasCount: 100});
  } catch (error) {
    throw new DatasetError(file, (error as Error).message.split('\n')[0], {cause: error});
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new DatasetError(file, 'expected keys: path, train, val and names.');
  }
  const entry = (key: string): unknown =>
    Object.hasOwn(content, key) ? Reflect.get(content, key) : undefined;
  const categories = parseNames(file, entry('names'), entry('nc'));
  const places = entry(split);
  const given: unknown[] = Array.isArray(places) ? places : [places];
  const paths = given.filter(place => typeof place === 'string');
  if (paths.length === 0 || paths.length !== given.length) {
    const there = ['train', 'val', 'test'].filter(key => entry(key) !== undefined).join(', ') || 'no split';
    throw new DatasetError(
      file,
      `${split} must be a folder of images, or a list of folders. It has ${there}.`,
    );
  }
  const root = entry('path');
  const from = typeof root === 'string' ? resolve(dirname(file), root) : dirname(file);
  return {categories, images: await Promise.all(paths.map(path => find(from, path)))};
}

function parseNames(file: string, names: unknown, count: unknown): string[] {
  if (typeof names !== 'object' || names === null) {
    throw new DatasetError(file, 'names must list the categories: [cat, dog], or {0: cat, 1: dog}.');
  }
  const keys = Object.keys(names);
  const gap = keys.findIndex((_, i) => !keys.includes(String(i)));
  if (keys.length === 0 || gap >= 0) {
    throw new DatasetError(
      file,
      `names must have the numbers 0 to ${keys.length - 1} as keys; ${gap} is missing.`,
    );
  }
  const categories = keys.map((_, i) => String(Reflect.get(names, String(i))));
  const twice = categories.findIndex((name, i) => categories.indexOf(name) !== i);
  if (twice >= 0) throw new DatasetError(file, `names: "${categories[twice]}" is there twice.`);
  if (count !== undefined && count !== categories.length) {
    throw new DatasetError(file, `nc is ${count}, but there are ${categories.length} names.`);
  }
  return categories;
}

/** Some exports write `../train/images` for a folder beside the file; as Ultralytics does, both are tried. */
async function find(from: string, path: string): Promise<string> {
  const first = resolve(from, path);
  if (!path.startsWith('../')) return first;
  const exists = await stat(first).then(
    () => true,
    () => false,
  );
  return exists ? first : join(from, path.slice(3));
}
