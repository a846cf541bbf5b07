import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Dataset} from '@foveal/data';
import {detectionCurves} from '../draw/detectionCurves.js';
import {cocoForm} from './cocoForm.js';
import type {DetectionMetrics} from './detectionMetrics.js';
import {errorSheet} from './errorSheet.js';
import type {MeasuredImage} from './measuredImage.js';
import {type DetectionError, worstErrors} from './worstErrors.js';

/** Errors of a kind on the sheet. */
const shownOfAKind = 6;

/**
 * Writes what a detector did on a dataset: `report.json` with the metrics, `precision-recall.png`, and its worst errors
 * as `errors.png` and `errors.json`, which has them all.
 *
 * @returns The files.
 */
export async function writeDetectionReport(
  folder: string,
  report: DetectionMetrics,
  images: readonly MeasuredImage[],
  dataset: Dataset,
): Promise<string[]> {
  await mkdir(folder, {recursive: true});
  const path = (name: string) => join(folder, name);
  const {categories} = dataset;
  const errors = worstErrors(images);
  const counts: Record<string, number> = {};
  for (const {kind} of errors) counts[kind] = (counts[kind] ?? 0) + 1;
  await writeFile(path('report.json'), `${JSON.stringify({...report, errors: counts}, null, 2)}\n`);

  const {truths, detections} = cocoForm(images, 'bbox');
  const names = new Map(categories.map((name, id) => [id, name]));
  const curves = detectionCurves({truths, categories: names, images: new Map()}, detections);
  await writeFile(path('precision-recall.png'), curves);

  const listed = errors.map(error => inWords(error, images[error.image], categories));
  await writeFile(path('errors.json'), `[${listed.map(one => `\n${JSON.stringify(one)}`).join(',')}\n]\n`);
  const title = `The worst of ${errors.length} errors in ${images.length} images`;
  const sheet = await errorSheet(worstOfEach(errors), images, dataset, {categories, title});
  const files = ['report.json', 'precision-recall.png', 'errors.json'];
  if (sheet) {
    await writeFile(path('errors.png'), sheet);
    files.push('errors.png');
  }
  return files.map(path);
}

function worstOfEach(errors: readonly DetectionError[]): DetectionError[] {
  const kinds = [...new Set(errors.map(({kind}) => kind))];
  return kinds.flatMap(kind => errors.filter(error => error.kind === kind).slice(0, shownOfAKind));
}

function inWords(
  {kind, truth, detection, score, iou}: DetectionError,
  {labelled, found}: MeasuredImage,
  categories: readonly string[],
) {
  const side = ({boxes, labels}: {boxes: Float32Array; labels: Int32Array}, k: number) => ({
    category: categories[labels[k]],
    box: Array.from(boxes.subarray(4 * k, 4 * k + 4), value => Number(value.toFixed(2))),
  });
  return {
    kind,
    file: labelled.file,
    ...(truth !== undefined && {labelled: side(labelled, truth)}),
    ...(detection !== undefined && {found: {...side(found, detection), score}}),
    ...(truth !== undefined && detection !== undefined && {iou: Number(iou.toFixed(3))}),
  };
}
