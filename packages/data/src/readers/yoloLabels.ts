// YOLO's label files: Redmon et al., "You Only Look Once", CVPR 2016, arXiv:1506.02640, as darknet and Ultralytics store them.
import {type Rle, rleFromPolygon} from '@foveal/core';
import type {ObjectRecord} from '../annotations/annotatedDataset.js';
import type {Box} from '../annotations/boxRule.js';
import type {ProblemList} from '../annotations/problems.js';

/** Shares are rounded: an edge may lie this far outside 0 to 1. */
const tolerance = 0.01;

/**
 * Objects of one image: `class centre-x centre-y width height`, or `class x1 y1 x2 y2 x3 y3 …` for a polygon, all in
 * shares of the image's width and height. Boxes come out in shares, too.
 *
 * @param problems - Told of each bad line by its number.
 */
export function parseYoloLabels(
  file: string,
  text: string,
  categories: number,
  problems: ProblemList,
): ObjectRecord[] {
  // The end of the last line is not a line.
  const lines = text.trimEnd() === '' ? [] : text.trimEnd().split(/\r?\n/);
  return lines.flatMap((line, i) => {
    const place = `line ${i + 1}`;
    const parsed = parseLine(line.trim(), categories);
    if (typeof parsed === 'string') {
      problems.add(file, place, parsed, 'left out');
      return [];
    }
    const {label, box, polygon} = parsed;
    const [x1, y1, x2, y2] = box;
    if (!(x2 > x1 && y2 > y1)) {
      problems.add(file, place, `width and height must be above 0, got "${shorten(line)}".`, 'left out');
      return [];
    }
    if (Math.min(x1, y1) < -tolerance || Math.max(x2, y2) > 1 + tolerance) {
      const inside: Box = [Math.max(x1, 0), Math.max(y1, 0), Math.min(x2, 1), Math.min(y2, 1)];
      const left = inside[2] > inside[0] && inside[3] > inside[1];
      const reason = `the box lies outside the image, ${box.map(edge => +edge.toFixed(4)).join(' ')} in shares of it.`;
      problems.add(file, place, reason, left ? 'clipped' : 'left out');
      if (!left) return [];
      return [{label, place, box: inside, ...(polygon && {mask: maskOf(polygon)})}];
    }
    return [{label, place, box, ...(polygon && {mask: maskOf(polygon)})}];
  });
}

/** @returns the object, or what is wrong with the line. */
function parseLine(
  line: string,
  categories: number,
): {label: number; box: Box; polygon?: Float64Array} | string {
  if (line === '') return 'is empty.';
  if (line.includes(',')) return `values must be parted by spaces, not commas, got "${shorten(line)}".`;
  const fields = line.split(/\s+/);
  const isPolygon = fields.length >= 7 && fields.length % 2 === 1;
  if (fields.length !== 5 && !isPolygon) {
    return `expected a class and 4 numbers, or a class and at least 3 points, got ${fields.length} columns.`;
  }
  const values = fields.map(Number);
  const wrong = values.findIndex(value => !Number.isFinite(value));
  if (wrong >= 0) return `column ${wrong + 1} must be a finite number, got "${shorten(fields[wrong])}".`;
  const [label, ...shares] = values;
  if (!Number.isInteger(label) || label < 0 || label >= categories) {
    return `class must be a whole number from 0 to ${categories - 1}, got ${fields[0]}.`;
  }
  const beyond = shares.findIndex(value => value < -tolerance || value > 1 + tolerance);
  if (beyond >= 0) {
    return `column ${beyond + 2} must be a share of the image from 0 to 1, got ${fields[beyond + 1]}. Are these pixels?`;
  }
  if (!isPolygon) {
    const [x, y, width, height] = shares;
    return {label, box: [x - width / 2, y - height / 2, x + width / 2, y + height / 2]};
  }
  const xs = shares.filter((_, i) => i % 2 === 0);
  const ys = shares.filter((_, i) => i % 2 === 1);
  const box: Box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  return {label, box, polygon: Float64Array.from(shares)};
}

const maskOf =
  (polygon: Float64Array) =>
  (height: number, width: number): Rle =>
    rleFromPolygon(
      polygon.map((share, i) => share * (i % 2 === 0 ? width : height)),
      height,
      width,
    );

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
