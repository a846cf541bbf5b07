import {existsSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Dataset} from '@foveal/data';
import {knownName, UsageError} from './usageError.js';

const kinds = ['cifar10', 'cifar100', 'mnist', 'folder'] as const;
export type DataKind = (typeof kinds)[number];

/** Where a dataset lies and how it is stored. */
export interface DataSpec {
  kind: DataKind;
  path: string;
}

export const dataHelp = `KIND:PATH with KIND ${kinds.join(', ')}; a bare PATH is recognised by its files`;

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
  const kind = knownName('dataset kind', text.slice(0, colon), kinds);
  const path = text.slice(colon + 1);
  if (!existsSync(path)) throw new UsageError(`--data ${text}: there is no file or folder "${path}".`);
  return {kind, path};
}

function recognise(path: string): DataKind {
  if (!statSync(path).isDirectory()) {
    throw new UsageError(`--data ${path} is a file; expected a folder, or ${dataHelp}.`);
  }
  const names = readdirSync(path);
  if (names.some(name => /^(data_batch_\d|test_batch)\.bin$/.test(name))) return 'cifar10';
  if (names.includes('train.bin') && names.includes('test.bin')) return 'cifar100';
  if (names.some(name => /-images-idx3-ubyte(\.gz)?$/.test(name))) return 'mnist';
  return 'folder';
}

/** Opens the part of a dataset that one trains on, or the part that one measures on. */
export async function openDataset({kind, path}: DataSpec, split: 'train' | 'test'): Promise<Dataset> {
  const readers = await import('@foveal/data');
  switch (kind) {
    case 'cifar10':
      return readers.cifar10(path, {split});
    case 'cifar100':
      return readers.cifar100(path, {split});
    case 'mnist':
      return readers.mnist(path, {split});
    case 'folder':
      return readers.imageFolder(splitFolder(path, split));
  }
}

const folderNames = {train: ['train', 'training'], test: ['test', 'val', 'valid', 'validation']};

/** A folder of categories, or the one for this split if the categories lie a level deeper. */
function splitFolder(path: string, split: 'train' | 'test'): string {
  const isFolder = (name: string) => existsSync(join(path, name)) && statSync(join(path, name)).isDirectory();
  const has = (names: string[]) => names.find(isFolder);
  if (!has(folderNames.train) || !has(folderNames.test)) return path;
  return join(path, has(folderNames[split]) ?? '');
}
