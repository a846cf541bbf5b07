import {mkdirSync, writeFileSync} from 'node:fs';
import {basename, extname, join} from 'node:path';
import {overlaidImage, overlay} from '../draw/overlay.js';
import type {PredictionOutput} from '../kinds/taskKind.js';
import {cellSize} from '../predict/pictureFolder.js';
import {type FileRecord, isJsonLines, jsonLines} from '../predict/recordFormat.js';
import {indexPng} from './indexPng.js';
import type {Segmentation} from './segmenter.js';

/** What is written about one image. */
export interface SegmentationRecord extends FileRecord {
  width: number;
  height: number;
  /** The share of the pixels that each category has, the largest first; none that has no pixel. */
  shares: Record<string, number>;
  /** The PNG of the pixels' categories, if they are kept. */
  mask?: string;
}

/** @param indexMasks - The folder for PNGs whose pixels are categories; none if it is not given. */
export function segmentationOutput(
  categories: readonly string[],
  indexMasks?: string,
): PredictionOutput<Segmentation> {
  const names = new Set<string>();
  return {
    record({file, image: _image, ...found}): SegmentationRecord {
      const {width, height} = found;
      const record = {file, width, height, shares: sharesOf(found, categories)};
      if (indexMasks === undefined) return record;
      mkdirSync(indexMasks, {recursive: true});
      const mask = join(indexMasks, freeName(basename(file, extname(file)), names));
      writeFileSync(mask, indexPng(found, categories.length));
      return {...record, mask};
    },
    line: ({shares, mask}: SegmentationRecord) =>
      [
        Object.entries(shares)
          .map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`)
          .join(', '),
        ...(mask === undefined ? [] : [mask]),
      ].join('  '),
    format: path => (isJsonLines(path) ? jsonLines : undefined),
    draw: ({image, classMap}) => overlay(image, {classMap}, {categories}),
    async cell({file, image, ...found}) {
      const [largest = ''] = Object.keys(sharesOf(found, categories));
      return {
        image: await overlaidImage(image, {classMap: found.classMap}, {categories, size: 2 * cellSize}),
        label: largest,
        note: basename(file),
      };
    },
  };
}

function sharesOf({classMap}: Segmentation, categories: readonly string[]): Record<string, number> {
  const counts = new Map<number, number>();
  for (const category of classMap) counts.set(category, (counts.get(category) ?? 0) + 1);
  return Object.fromEntries(
    [...counts]
      .sort(([, a], [, b]) => b - a)
      .map(([category, count]) => [categories[category], Number((count / classMap.length).toFixed(6))]),
  );
}

/** Files of the same name from several folders must not replace each other's masks. */
function freeName(stem: string, names: Set<string>): string {
  for (let n = 1; ; n++) {
    const name = `${stem}${n === 1 ? '' : `-${n}`}.png`;
    if (names.has(name)) continue;
    names.add(name);
    return name;
  }
}
