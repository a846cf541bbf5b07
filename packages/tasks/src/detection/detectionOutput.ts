import {basename, extname} from 'node:path';
import {overlaidImage, overlay} from '../draw/overlay.js';
import type {PredictionOutput} from '../kinds/taskKind.js';
import {cellSize} from '../predict/pictureFolder.js';
import {plural} from '../terminal/format.js';
import {cocoResultFile} from './cocoResultFile.js';
import type {Detections} from './detectionNetwork.js';
import {type DetectionRecord, detectionFormat, foundObjects} from './detectionRecord.js';

/** What scores less is left out, unless the user says. */
const usualMinScore = 0.3;

/** @param given - `minScore`, and `ids` for COCO's results. */
export function detectionOutput(
  categories: readonly string[],
  {minScore, ids}: Readonly<Record<string, unknown>>,
): PredictionOutput<Detections> {
  const least = typeof minScore === 'number' ? minScore : usualMinScore;
  const collects = (path: string) => extname(path).toLowerCase() === '.json';
  let recorded = least;
  return {
    record: ({file, image: {width, height}, ...found}): DetectionRecord => ({
      file,
      width,
      height,
      objects: foundObjects(found, categories, recorded),
    }),
    line: ({objects}: DetectionRecord) => summary(objects.map(({category}) => category)),
    format: detectionFormat,
    collector(path) {
      if (!collects(path)) return undefined;
      // Precision–recall curves need what is improbable, too.
      if (typeof minScore !== 'number') recorded = 0;
      return cocoResultFile(path, categories, typeof ids === 'string' ? ids : undefined);
    },
    draw: ({image, ...found}) => overlay(image, scoring(found, least), {categories}),
    async cell({file, image, ...found}) {
      const shown = scoring(found, least);
      return {
        image: await overlaidImage(image, shown, {categories, size: 2 * cellSize}),
        label: summary(Array.from(shown.labels, label => categories[label])),
        note: basename(file),
      };
    },
  };
}

/** Those of the detections that score enough. */
export function scoring({boxes, scores, labels, masks}: Detections, least: number): Detections {
  const kept = [...scores.keys()].filter(k => scores[k] >= least);
  return {
    boxes: Float32Array.from(kept.flatMap(k => [...boxes.subarray(4 * k, 4 * k + 4)])),
    scores: Float32Array.from(kept, k => scores[k]),
    labels: Int32Array.from(kept, k => labels[k]),
    ...(masks && {masks: kept.map(k => masks[k])}),
  };
}

/** `3 cells, 1 dog`, in the order of the first of each. */
function summary(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 0) return 'nothing';
  return [...counts]
    .map(([name, count]) => (count === 1 ? `1 ${name}` : plural(count, name, name)))
    .join(', ');
}
