import type {Region} from './cropImage.js';
import type {Image} from './image.js';

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
  const columns = triangle(image.width, size.width, region.left, region.width);
  const rows = triangle(image.height, size.height, region.top, region.height);
  const last = region.height - 1;
  const top = rows.first[0];
  const narrow = resizeRows(image, columns, top, rows.first[last] + rows.taps[last]);
  return resizeColumns(narrow, rows, top);
}

/** What each place of a side is made of: `taps[i]` weights from the pixel `first[i]` on, at `i · stride` of `weights`. */
interface Filter {
  first: Int32Array;
  taps: Int32Array;
  weights: Int32Array;
  stride: number;
}

const bits = 22;
const one = 2 ** bits;
const half = one / 2;

/** As Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`, for `count` places from `start`: weights add up to 2^22. */
function triangle(source: number, target: number, start: number, count: number): Filter {
  const scale = source / target;
  const support = Math.max(scale, 1);
  const steepness = 1 / support;
  // A multiple of four, which is how many are read at once.
  const stride = Math.ceil((Math.ceil(support) * 2 + 1) / 4) * 4;
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

/** The rows from `top` to before `bottom`, at the width of the filter. */
function resizeRows(image: Image, filter: Filter, top: number, bottom: number): Image {
  const {data, width, channels} = image;
  const {taps} = filter;
  const target = taps.length;
  const height = bottom - top;
  const rows = data.subarray(top * width * channels, bottom * width * channels);
  if (target === width && taps.every(count => count === 1)) return {...image, data: rows, height};
  const out = new Uint8Array(target * height * channels);
  (channels === 1 ? filterGrey : filterColor)(rows, width, height, filter, out);
  return {data: out, width: target, height, channels};
}

function filterColor(
  data: Uint8Array,
  width: number,
  height: number,
  {first, taps, weights, stride}: Filter,
  out: Uint8Array,
): void {
  const target = first.length;
  for (let y = 0, to = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < target; x++, to += 3) {
      let from = (row + first[x]) * 3;
      let k = x * stride;
      const end = k + taps[x];
      let red = half;
      let green = half;
      let blue = half;
      for (; k + 1 < end; k += 2, from += 6) {
        const near = weights[k];
        const far = weights[k + 1];
        red = (red + Math.imul(near, data[from]) + Math.imul(far, data[from + 3])) | 0;
        green = (green + Math.imul(near, data[from + 1]) + Math.imul(far, data[from + 4])) | 0;
        blue = (blue + Math.imul(near, data[from + 2]) + Math.imul(far, data[from + 5])) | 0;
      }
      if (k < end) {
        const weight = weights[k];
        red = (red + Math.imul(weight, data[from])) | 0;
        green = (green + Math.imul(weight, data[from + 1])) | 0;
        blue = (blue + Math.imul(weight, data[from + 2])) | 0;
      }
      out[to] = red >> bits;
      out[to + 1] = green >> bits;
      out[to + 2] = blue >> bits;
    }
  }
}

function filterGrey(
  data: Uint8Array,
  width: number,
  height: number,
  {first, taps, weights, stride}: Filter,
  out: Uint8Array,
): void {
  const target = first.length;
  for (let y = 0, to = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < target; x++) {
      let from = row + first[x];
      const end = x * stride + taps[x];
      let sum = half;
      for (let k = x * stride; k < end; k++) sum = (sum + Math.imul(weights[k], data[from++])) | 0;
      out[to++] = sum >> bits;
    }
  }
}

/** @param top - The row of the whole image that `image` begins with. */
function resizeColumns(image: Image, {first, taps, weights, stride}: Filter, top: number): Image {
  const {data, width, height, channels} = image;
  const target = first.length;
  const row = width * channels;
  const out = new Uint8Array(row * target);
  const sums = new Int32Array(row);
  for (let y = 0; y < target; y++) {
    const line = out.subarray(y * row, (y + 1) * row);
    // Places without a tap weigh nothing, whatever row stands for them.
    const four = (k: number): Rows => {
      const places = [0, 1, 2, 3].map(i => Math.min(first[y] + k + i - top, height - 1) * row);
      return {places, weights: weights.subarray(y * stride + k, y * stride + k + 4)};
    };
    if (taps[y] <= 4) mixRows(data, four(0), line);
    else if (taps[y] <= 8) mixMoreRows(data, four(0), four(4), line);
    else {
      sums.fill(half);
      for (let k = 0; k < taps[y]; k += 4) addRows(data, four(k), sums);
      for (let i = 0; i < row; i++) line[i] = sums[i] >> bits;
    }
  }
  return {data: out, width, height: target, channels};
}

/** Four rows: where each begins, and what it weighs. */
interface Rows {
  places: number[];
  weights: Int32Array;
}

// Each of these is a loop of its own because it is four times as fast as one that asks how many rows there are.

function mixRows(data: Uint8Array, {places: [a, b, c, d], weights}: Rows, out: Uint8Array): void {
  const [wa, wb, wc, wd] = weights;
  for (let i = 0; i < out.length; i++) {
    const near = Math.imul(wa, data[a + i]) + Math.imul(wb, data[b + i]);
    const far = Math.imul(wc, data[c + i]) + Math.imul(wd, data[d + i]);
    out[i] = (half + near + far) >> bits;
  }
}

function mixMoreRows(data: Uint8Array, near: Rows, far: Rows, out: Uint8Array): void {
  const [a, b, c, d] = near.places;
  const [e, f, g, h] = far.places;
  const [wa, wb, wc, wd] = near.weights;
  const [we, wf, wg, wh] = far.weights;
  for (let i = 0; i < out.length; i++) {
    const first = Math.imul(wa, data[a + i]) + Math.imul(wb, data[b + i]);
    const second = Math.imul(wc, data[c + i]) + Math.imul(wd, data[d + i]);
    const third = Math.imul(we, data[e + i]) + Math.imul(wf, data[f + i]);
    const fourth = Math.imul(wg, data[g + i]) + Math.imul(wh, data[h + i]);
    out[i] = (half + first + second + third + fourth) >> bits;
  }
}

function addRows(data: Uint8Array, {places: [a, b, c, d], weights}: Rows, sums: Int32Array): void {
  const [wa, wb, wc, wd] = weights;
  for (let i = 0; i < sums.length; i++) {
    const near = Math.imul(wa, data[a + i]) + Math.imul(wb, data[b + i]);
    const far = Math.imul(wc, data[c + i]) + Math.imul(wd, data[d + i]);
    sums[i] = (sums[i] + near + far) | 0;
  }
}
