import {basename, extname} from 'node:path';
import {overlaidImage, overlay} from '../draw/overlay.js';
import type {PredictionOutput} from '../kinds/taskKind.js';
import {cellSize} from '../predict/pictureFolder.js';
import {type FileRecord, isJsonLines, jsonLines, quoted, type RecordFormat} from '../predict/recordFormat.js';
import type {Localization} from './localizer.js';

/** What is written about an image. */
export interface LocalizationRecord extends FileRecord, Localization {}

/** How localizations are written, printed and drawn. */
export function localizationOutput(categories: readonly string[]): PredictionOutput<Localization> {
  const marks = ({category, score, box}: Localization) => ({
    boxes: Float32Array.from(box),
    labels: Int32Array.of(categories.indexOf(category)),
    scores: [score],
  });
  return {
    record: ({file, category, score, box: [x1, y1, x2, y2]}): LocalizationRecord => ({
      file,
      category,
      score: Number(score.toFixed(5)),
      box: [round(x1), round(y1), round(x2), round(y2)],
    }),
    line: ({category, score, box}: LocalizationRecord) =>
      `${category}  ${(100 * score).toFixed(1)} %  [${box.map(Math.round).join(', ')}]`,
    format: localizationFormat,
    draw: ({image, ...found}) => overlay(image, marks(found), {categories}),
    async cell({file, image, ...found}) {
      return {
        image: await overlaidImage(image, marks(found), {categories, size: 2 * cellSize}),
        label: found.category,
        score: found.score,
        note: basename(file),
      };
    },
  };
}

const round = (value: number) => Number(value.toFixed(2));

/** JSON lines for `.jsonl` and `.ndjson`, CSV for `.csv`, otherwise none. */
function localizationFormat(path: string): RecordFormat | undefined {
  if (isJsonLines(path)) return jsonLines;
  return extname(path).toLowerCase() === '.csv' ? csv : undefined;
}

const csv: RecordFormat = {
  heading: 'file,category,score,x1,y1,x2,y2\n',
  quotes: true,
  line: ({file, category, score, box}: LocalizationRecord) =>
    `${[quoted(file), quoted(category), score, ...box].join(',')}\n`,
  fileOf(text) {
    const field = /^(?:"((?:[^"]|"")*)"|([^",\n]*)),/.exec(text);
    return field ? (field[1]?.replaceAll('""', '"') ?? field[2]) : undefined;
  },
};
