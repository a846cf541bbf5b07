import {basename} from 'node:path';
import {labelledImage} from '../draw/labelledImage.js';
import {shrunk} from '../draw/thumbnail.js';
import type {PredictionOutput} from '../kinds/taskKind.js';
import {cellSize} from '../predict/pictureFolder.js';
import {type PredictionRecord, recordFormat} from '../predict/recordFormat.js';
import type {Classification} from './classifier.js';

/** @param top - Categories named for each image. */
export const classificationOutput = (top: number): PredictionOutput<Classification> => ({
  record: ({file, categories}) => ({file, categories: categories.slice(0, top)}),
  line: ({categories}: PredictionRecord) =>
    categories.map(({category, score}) => `${category}  ${(100 * score).toFixed(1)} %`).join('  '),
  format: path => recordFormat(path, top),
  draw: ({image, categories}) => labelledImage(image, categories),
  async cell({file, image, categories}) {
    const [{category: label, score}] = categories;
    // The sheet keeps what it shows, not a hundred photographs at full size.
    return {image: await shrunk(image, cellSize), label, score, note: basename(file)};
  },
});
