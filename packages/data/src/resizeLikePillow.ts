import type {Region} from './cropImage.js';
import type {Image} from './image.js';
import {resizeKernel} from './resizeKernel.js';

/**
 * Resizes by a triangle filter, as wide as the reduction where a side shrinks: Pillow's BILINEAR to the bit, in its
 * integers, columns first and rounded to bytes in between; torchvision's preprocessing is that. Then cuts a region out;
 * only what it needs is computed.
 *
 * @param size - Of the whole resized image.
 * @param region - In the resized image. @defaultValue all of it
 */
export function resizeLikePillow(
  image: Image,
  size: {width: number; height: number},
  region: Region = {left: 0, top: 0, ...size},
): Image {
  const {channels} = image;
  const {width, height} = region;
  const columns = triangle(image.width, size.width, region.left, width);
  const rows = triangle(image.height, size.height, region.top, height);
  const data = new Uint8Array(width * height * channels);
  for (let start = 0, end = 0; start < height; start = end) {
    end = endOfBand(rows, start, image.width * channels, width * channels);
    data.set(resizeBand(image, columns, rows, start, end), start * width * channels);
  }
  return {data, width, height, channels};
}

/** What each place of a side is made of: `taps[i]` weights from the pixel `first[i]` on, at `i · stride` of `weights`. */
interface Filter {
  first: Int32Array;
  taps: Int32Array;
  weights: Int32Array;
  /** A multiple of four, which is how many are read at once. */
  stride: number;
}

const one = 2 ** 22;

/** As Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`, for `count` places from `start`: weights add up to 2^22. */
function triangle(source: number, target: number, start: number, count: number): Filter {
  const scale = source / target;
  const support = Math.max(scale, 1);
  const steepness = 1 / support;
  const stride = Math.ceil(Math.ceil(2 * support) / 4) * 4;
  const first = new Int32Array(count);
  const taps = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  const shares = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    const centre = (start + i + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - support + 0.5), 0);
    const all = Math.min(Math.trunc(centre + support + 0.5), source) - from;
    let sum = 0;
    for (let k = 0; k < all; k++) {
      shares[k] = Math.max(0, 1 - Math.abs((k + from - centre + 0.5) * steepness));
      sum += shares[k];
    }
    for (let k = 0; k < all; k++) weights[i * stride + k] = Math.trunc(0.5 + (shares[k] / sum) * one);
    first[i] = from;
    // The last tap of an enlarged side often weighs nothing.
    taps[i] = weights[i * stride + all - 1] === 0 ? all - 1 : all;
  }
  return {first, taps, weights, stride};
}

/** Bytes that are worked on at once: all of a large image would fill the memory and no cache. */
const bandBytes = 2 ** 22;

/**
 * Where a band that begins at `start` ends: before what would make it larger than `bandBytes`, but after one place.
 *
 * @param wide - Bytes of a row of the image.
 * @param narrow - Of one that has its new width.
 */
function endOfBand({first, taps}: Filter, start: number, wide: number, narrow: number): number {
  const bytesTo = (last: number) =>
    (first[last] + taps[last] - first[start]) * (wide + narrow) + (last + 1 - start) * narrow;
  let end = start + 1;
  while (end < first.length && bytesTo(end) <= bandBytes) end++;
  return end;
}

/** The rows from `start` to before `end` of the result; they hold until the next call. */
function resizeBand(
  {data, width, channels}: Image,
  columns: Filter,
  rows: Filter,
  start: number,
  end: number,
): Uint8Array {
  const top = rows.first[start];
  const height = rows.first[end - 1] + rows.taps[end - 1] - top;
  const places = columns.first.length;
  const [wide, narrow] = [width * channels, places * channels];
  const rowWeights = rows.weights.subarray(start * rows.stride, end * rows.stride);
  // What lies where in the kernel's memory.
  const weights = columns.first.byteLength;
  const weightsOfRows = weights + columns.weights.byteLength;
  const source = weightsOfRows + rowWeights.byteLength;
  const between = source + height * wide;
  const out = between + height * narrow;
  const length = (end - start) * narrow;
  const {memory, mixColors, mixGreys, mixRows} = resizeKernel(out + length);

  const bytes = new Uint8Array(memory.buffer);
  const words = new Int32Array(memory.buffer);
  words.set(columns.first);
  words.set(columns.weights, weights / 4);
  words.set(rowWeights, weightsOfRows / 4);
  bytes.set(data.subarray(top * wide, (top + height) * wide), source);
  const mixPixels = channels === 1 ? mixGreys : mixColors;
  for (let y = 0; y < height; y++) {
    mixPixels(source + y * wide, 0, weights, columns.stride / 4, places, between + y * narrow);
  }
  for (let y = start, to = out, at = weightsOfRows; y < end; y++, to += narrow, at += 4 * rows.stride) {
    mixRows(between + (rows.first[y] - top) * narrow, narrow, at, rows.taps[y], to);
  }
  return bytes.subarray(out, out + length);
}
