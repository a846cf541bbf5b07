import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {DataSpec} from './dataSpec.js';
import {splitNames} from './readerOf.js';

/** The parts a dataset comes in, by the names that `--split` takes; undefined where it is looked at as a whole. */
export function datasetParts({kind, path}: DataSpec): (string | undefined)[] {
  const has = (pattern: RegExp) => readdirSync(path).some(name => pattern.test(name));
  const existing = (patterns: Record<string, RegExp>) =>
    Object.keys(patterns).filter(part => has(patterns[part]));
  switch (kind) {
    case 'cifar10':
      return existing({train: /^data_batch_\d+\.bin$/, test: /^test_batch\.bin$/});
    case 'cifar100':
      return existing({train: /^train\.bin$/, test: /^test\.bin$/});
    case 'mnist':
      return existing({train: /^train-images/, test: /^(t10k|test|dev)-images/});
    case 'folder': {
      const parts = Object.values(splitNames).flat();
      const there = parts.filter(name => existsSync(join(path, name)));
      const both = ['train', 'test'].every(part => splitNames[part].some(name => there.includes(name)));
      return both ? ['train', 'test'] : [undefined];
    }
    case 'yolo':
      return ['train', 'val'];
    default:
      return [undefined];
  }
}
