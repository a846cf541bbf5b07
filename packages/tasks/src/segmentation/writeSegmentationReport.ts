import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {ConfusionMatrix} from '@foveal/data';
import {confusionChart} from '../draw/confusionChart.js';
import type {SegmentationMetrics} from './segmentationMeter.js';

/**
 * Writes what a segmenter did on a dataset: `report.json` with the metrics and the matrix of pixels, and
 * `confusion.png`.
 *
 * @returns The files.
 */
export async function writeSegmentationReport(
  folder: string,
  report: SegmentationMetrics,
  {classes, counts}: ConfusionMatrix,
  categories: readonly string[],
): Promise<string[]> {
  await mkdir(folder, {recursive: true});
  const files = {report: join(folder, 'report.json'), chart: join(folder, 'confusion.png')};
  const confusion = Array.from({length: classes}, (_, c) => [
    ...counts.subarray(c * classes, (c + 1) * classes),
  ]);
  await writeFile(files.report, `${JSON.stringify({...report, confusion}, null, 2)}\n`);
  await writeFile(files.chart, await confusionChart({classes, counts}, categories, {title: 'Pixels'}));
  return Object.values(files);
}
