import type {Image} from '../image.js';

/**
 * Resizes by a triangle filter, as wide as the reduction where a side shrinks: Pillow's BILINEAR to the bit, in its
 * integers, columns first. `resizeImage` does the same through sharp, asynchronously and only nearly.
 */
export function resample(image: Image, width: number, height: number): Image {
  const widened = image.width === width ? image : resampleRows(image, width);
  return widened.height === height ? widened : resampleColumns(widened, height);
}

/** What each place of a side is made of: `taps[i]` weights from `first[i]` on, at `i · stride` of `weights`. */
interface Filter {
  first: Int32Array;
  taps: Int32Array;
  weights: Int32Array;
  stride: number;
}

/** As Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`: weights add up to 2^22. */
function triangle(source: number, target: number): Filter {
  const scale = source / target;
  const support = Math.max(scale, 1);
  const stride = Math.ceil(support) * 2 + 1;
  const filter: Filter = {
    first: new Int32Array(target),
    taps: new Int32Array(target),
    weights: new Int32Array(target * stride),
    stride,
  };
  const shares = new Float64Array(stride);
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const taps = Math.min(Math.trunc(centre + support + 0.5), source) - first;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      shares[k] = Math.max(0, 1 - Math.abs((first + k - centre + 0.5) / support));
      sum += shares[k];
    }
    for (let k = 0; k < taps; k++) {
      filter.weights[i * stride + k] = Math.trunc(0.5 + (shares[k] / sum) * one);
    }
    filter.first[i] = first;
    // An enlarged side's last tap often weighs nothing.
    filter.taps[i] = filter.weights[i * stride + taps - 1] === 0 ? taps - 1 : taps;
  }
  return filter;
}

const bits = 22;
const one = 2 ** bits;
const half = one / 2;

function resampleRows({data, width, height, channels}: Image, target: number): Image {
  const {first, taps, weights, stride} = triangle(width, target);
  const out = new Uint8Array(target * height * channels);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < target; x++) {
      let from = (y * width + first[x]) * channels;
      let red = half;
      let green = half;
      let blue = half;
      const end = x * stride + taps[x];
      if (channels === 1) {
        for (let k = x * stride; k < end; k++) red += weights[k] * data[from++];
        out[to++] = red >> bits;
        continue;
      }
      for (let k = x * stride; k < end; k++, from += 3) {
        red += weights[k] * data[from];
        green += weights[k] * data[from + 1];
        blue += weights[k] * data[from + 2];
      }
      out[to++] = red >> bits;
      out[to++] = green >> bits;
      out[to++] = blue >> bits;
    }
  }
  return {data: out, width: target, height, channels};
}

function resampleColumns({data, width, height, channels}: Image, target: number): Image {
  const {first, taps, weights, stride} = triangle(height, target);
  const row = width * channels;
  const out = new Uint8Array(row * target);
  const sums = new Int32Array(row);
  for (let y = 0; y < target; y++) {
    sums.fill(half);
    for (let k = 0; k < taps[y]; k++) {
      const weight = weights[y * stride + k];
      const from = (first[y] + k) * row;
      for (let i = 0; i < row; i++) sums[i] += weight * data[from + i];
    }
    for (let i = 0, to = y * row; i < row; i++) out[to + i] = sums[i] >> bits;
  }
  return {data: out, width, height: target, channels};
}
