import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type ConfusionMatrix, confusionScores} from '@foveal/data';
import {confusionChart} from '../draw/confusionChart.js';
import type {ClassificationMetrics} from './classificationMeter.js';

/**
 * Writes what a classifier did on a dataset: `report.json` with the metrics, the matrix, and precision and recall of
 * each category, and `confusion.png`.
 *
 * @returns The files.
 */
export async function writeReport(
  folder: string,
  report: ClassificationMetrics,
  matrix: ConfusionMatrix,
): Promise<string[]> {
  await mkdir(folder, {recursive: true});
  const names = report.perClass.map(({category}) => category);
  const scores = confusionScores(matrix, names);
  const files = {report: join(folder, 'report.json'), chart: join(folder, 'confusion.png')};
  const perClass = report.perClass.map((one, c) => ({
    ...one,
    precision: scores.classes[c].precision,
    recall: scores.classes[c].recall,
    f1: scores.classes[c].f1,
  }));
  const confusion = matrix.classes <= 200 ? {confusion: scores.matrix} : {};
  await writeFile(files.report, `${JSON.stringify({...report, perClass, ...confusion}, null, 2)}\n`);
  await writeFile(files.chart, await confusionChart(matrix, names));
  return Object.values(files);
}
