import {extname} from 'node:path';
import {rleToString} from '@foveal/core';
import {type FileRecord, isJsonLines, jsonLines, quoted, type RecordFormat} from '../predict/recordFormat.js';
import type {Detections} from './detectionNetwork.js';

/** An object found in an image, as it is written. */
export interface FoundObject {
  category: string;
  /** In [0, 1]. */
  score: number;
  /** `[x1, y1, x2, y2]` in pixels. */
  box: [number, number, number, number];
  /** In COCO's compact form. */
  mask?: {size: [height: number, width: number]; counts: string};
}

/** What is written about an image. */
export interface DetectionRecord extends FileRecord {
  /** Pixels of the image. */
  width: number;
  height: number;
  /** The highest score first. */
  objects: FoundObject[];
}

/** The objects of some detections that score enough, with their categories by name. */
export function foundObjects(
  {boxes, scores, labels, masks}: Detections,
  categories: readonly string[],
  minScore: number,
): FoundObject[] {
  return Array.from(scores, (score, k): FoundObject => {
    const [x1, y1, x2, y2] = Array.from(boxes.subarray(4 * k, 4 * k + 4), value => Number(value.toFixed(2)));
    const mask = masks?.[k];
    return {
      category: categories[labels[k]],
      score: Number(score.toFixed(5)),
      box: [x1, y1, x2, y2],
      ...(mask && {mask: {size: [mask.height, mask.width], counts: rleToString(mask)}}),
    };
  }).filter(({score}) => score >= minScore);
}

/** JSON lines for `.jsonl` and `.ndjson`, CSV without masks for `.csv`, otherwise none. */
export function detectionFormat(path: string): RecordFormat | undefined {
  if (isJsonLines(path)) return jsonLines;
  return extname(path).toLowerCase() === '.csv' ? csv : undefined;
}

/** A line an object, numbered from 1, each with how many its image has; one of an image without: `0,0` and nothing. */
const csv: RecordFormat = {
  heading: 'file,object,objects,category,score,x1,y1,x2,y2\n',
  quotes: true,
  line({file, objects}: DetectionRecord) {
    if (objects.length === 0) return `${quoted(file)},0,0,,,,,,\n`;
    return objects
      .map(({category, score, box}, i) =>
        [quoted(file), i + 1, objects.length, quoted(category), score, ...box].join(','),
      )
      .join('\n')
      .concat('\n');
  },
  fileOf(text) {
    const field = /^(?:"((?:[^"]|"")*)"|([^",\n]*)),\d+,\d+,/.exec(text);
    return field ? (field[1]?.replaceAll('""', '"') ?? field[2]) : undefined;
  },
  // The last object's line; what comes before is no whole result.
  isLast(text) {
    const numbers = /^(?:"(?:[^"]|"")*"|[^",\n]*),(\d+),(\d+),/.exec(text);
    return numbers !== null && numbers[1] === numbers[2];
  },
};
