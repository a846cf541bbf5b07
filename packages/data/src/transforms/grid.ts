import type {Image} from '../image.js';
import {ignoredClass} from '../sample.js';

/** Which column and which row of the old image each of the new one shows; −1 for none. Crops, pads, flips, shrinks. */
export interface Grid {
  columns: Int32Array;
  rows: Int32Array;
}

/** What pixels without a source become: one value, or one a channel. */
export type Fill = number | readonly number[];

/** `count` places from `start` on of a side of `length`. */
export const range = (length: number, start: number, count: number): Int32Array =>
  Int32Array.from({length: count}, (_, i) => (start + i < 0 || start + i >= length ? -1 : start + i));

/** `count` places that show `span` places from `start` on: for each the one at its centre. */
export const nearest = (start: number, span: number, count: number): Int32Array =>
  Int32Array.from({length: count}, (_, i) => start + Math.floor(((i + 0.5) * span) / count));

/** An image of one colour. */
export function filledImage(width: number, height: number, channels: 1 | 3, fill: Fill): Image {
  const data = new Uint8Array(width * height * channels);
  if (typeof fill === 'number') data.fill(fill);
  else for (let i = 0; i < data.length; i++) data[i] = fill[i % channels];
  return {data, width, height, channels};
}

/** The pixels of `image` that the grid asks for. */
export function gatherImage(image: Image, {columns, rows}: Grid, fill: Fill): Image {
  const {data, width, channels} = image;
  const gathered = filledImage(columns.length, rows.length, channels, fill);
  const [first, end] = sourced(columns);
  const contiguous = columns.subarray(first, end).every((column, i) => column === columns[first] + i);
  for (let y = 0; y < rows.length; y++) {
    if (rows[y] < 0 || first === end) continue;
    const row = rows[y] * width;
    let to = (y * columns.length + first) * channels;
    if (contiguous) {
      const from = (row + columns[first]) * channels;
      gathered.data.set(data.subarray(from, from + (end - first) * channels), to);
      continue;
    }
    for (let x = first; x < end; x++) {
      const from = (row + columns[x]) * channels;
      gathered.data[to++] = data[from];
      if (channels === 1) continue;
      gathered.data[to++] = data[from + 1];
      gathered.data[to++] = data[from + 2];
    }
  }
  return gathered;
}

/** The classes of the pixels that the grid asks for; the ignored one where there is none. */
export function gatherClasses<M extends Uint8Array | Uint16Array>(
  classMap: M,
  width: number,
  {columns, rows}: Grid,
): M {
  const gathered = emptyLike(classMap, columns.length * rows.length);
  const [first, end] = sourced(columns);
  for (let y = 0; y < rows.length; y++) {
    if (rows[y] < 0) continue;
    const from = rows[y] * width;
    const to = y * columns.length;
    for (let x = first; x < end; x++) gathered[to + x] = classMap[from + columns[x]];
  }
  return gathered;
}

/** A class map of `length` pixels, all of them ignored. */
export const emptyLike = <M extends Uint8Array | Uint16Array>(classMap: M, length: number): M =>
  (classMap instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length)).fill(
    ignoredClass(classMap),
  ) as M;

/** The part of a grid's side that has a source; what has none lies before and behind. */
export function sourced(places: Int32Array): [first: number, end: number] {
  const first = places.findIndex(place => place >= 0);
  return first < 0 ? [0, 0] : [first, places.findLastIndex(place => place >= 0) + 1];
}
