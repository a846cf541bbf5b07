import {cropImage, type Dataset, type Image} from '@foveal/data';
import {categoryColor} from '../draw/categoryColor.js';
import {type Cell, contactSheet} from '../draw/contactSheet.js';
import {overlaidImage} from '../draw/overlay.js';
import {percent} from '../terminal/format.js';
import type {MeasuredImage} from './measuredImage.js';
import {inColour} from './objectBatches.js';
import type {DetectionError} from './worstErrors.js';

/** Pixels of a crop on the sheet. */
const cellSize = 190;

/**
 * Draws errors, each a crop with what is labelled and what was found, as a PNG file.
 *
 * @param dataset - The images, in the order in which they were measured.
 * @returns The bytes of the PNG, or undefined if there are no errors.
 */
export async function errorSheet(
  errors: readonly DetectionError[],
  images: readonly MeasuredImage[],
  dataset: Dataset,
  {categories, title}: {categories: readonly string[]; title: string},
): Promise<Buffer | undefined> {
  const cells: Cell[] = [];
  for (const error of errors) cells.push(await cellOf(error, images[error.image], dataset, categories));
  if (cells.length === 0) return undefined;
  const keys = ['labelled', 'found'].map((label, i) => ({label, color: categoryColor(i)}));
  return contactSheet(cells, {title, cellSize, columns: 6, keys});
}

async function cellOf(
  {kind, image, truth, detection, score, iou}: DetectionError,
  {labelled, found}: MeasuredImage,
  dataset: Dataset,
  categories: readonly string[],
): Promise<Cell> {
  const {image: whole} = await dataset.get(image);
  const boxes = [
    ...(truth === undefined ? [] : [{box: labelled.boxes.subarray(4 * truth, 4 * truth + 4), label: 0}]),
    ...(detection === undefined
      ? []
      : [{box: found.boxes.subarray(4 * detection, 4 * detection + 4), label: 1}]),
  ];
  const region = regionAround(
    boxes.map(({box}) => box),
    whole,
  );
  const marks = {
    boxes: Float32Array.from(
      boxes.flatMap(({box}) => Array.from(box, (value, i) => value - (i % 2 ? region.top : region.left))),
    ),
    labels: Int32Array.from(boxes, ({label}) => label),
  };
  const crop = cropImage(inColour(whole), region);
  const name = (of: MeasuredImage['labelled'] | MeasuredImage['found'], k: number) =>
    categories[of.labels[k]];
  const facts = [
    detection !== undefined && score !== undefined && `${name(found, detection)} at ${percent(score, 0)}`,
    kind === 'badly placed' && `overlap ${percent(iou, 0)}`,
    kind === 'wrong category' && truth !== undefined && `is ${name(labelled, truth)}`,
    kind === 'missed' && truth !== undefined && name(labelled, truth),
  ];
  return {
    image: await overlaidImage(crop, marks, {categories: ['labelled', 'found'], size: cellSize}),
    label: kind,
    note: facts.filter(Boolean).join(', '),
  };
}

/** The boxes with as much around them again, square where the image allows, within the image. */
function regionAround(boxes: readonly Float32Array[], {width, height}: Image) {
  const [x1, y1] = [0, 1].map(i => Math.min(...boxes.map(box => box[i])));
  const [x2, y2] = [2, 3].map(i => Math.max(...boxes.map(box => box[i])));
  const side = Math.max(32, 2 * Math.max(x2 - x1, y2 - y1));
  const along = (low: number, high: number, length: number) => {
    const size = Math.min(length, Math.round(side));
    const from = Math.min(Math.max(0, Math.round((low + high - size) / 2)), length - size);
    return {from, size};
  };
  const [x, y] = [along(x1, x2, width), along(y1, y2, height)];
  return {left: x.from, top: y.from, width: x.size, height: y.size};
}
