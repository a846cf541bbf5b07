import type {Image} from '@foveal/data';
import type {PixelSize} from '../detectionNetwork.js';

/**
 * Stretches an image by OpenCV's arithmetic for 8 bits (`INTER_LINEAR`), to the bit: bilinear with corners aligned, no
 * filter against aliasing, weights in 2048ths, and a little cut off between the two passes. Networks at the edge of a
 * threshold answer as they do there.
 */
export function resizeLikeOpenCv({data, width, height, channels}: Image, [rows, columns]: PixelSize): Image {
  const across = taps(width, columns);
  const down = taps(height, rows);
  const out = new Uint8Array(rows * columns * channels);
  const length = columns * channels;
  // Rows of the image, stretched; two at a time are needed.
  const stretched = new Map<number, Int32Array>();
  const rowOf = (y: number): Int32Array => {
    const known = stretched.get(y);
    if (known) return known;
    const row = new Int32Array(length);
    for (let x = 0, at = 0; x < columns; x++) {
      const left = (y * width + across.first[x]) * channels;
      const right = (y * width + across.second[x]) * channels;
      const [a, b] = [across.weights[2 * x], across.weights[2 * x + 1]];
      for (let c = 0; c < channels; c++) row[at++] = (data[left + c] * a + data[right + c] * b) >> 4;
    }
    for (const old of stretched.keys()) if (old < y - 1) stretched.delete(old);
    stretched.set(y, row);
    return row;
  };
  for (let y = 0, at = 0; y < rows; y++) {
    const [upper, lower] = [rowOf(down.first[y]), rowOf(down.second[y])];
    const [a, b] = [down.weights[2 * y], down.weights[2 * y + 1]];
    for (let i = 0; i < length; i++) out[at++] = (((upper[i] * a) >> 16) + ((lower[i] * b) >> 16) + 2) >> 2;
  }
  return {data: out, width: columns, height: rows, channels};
}

/** The two pixels that each new one lies between, and their weights in 2048ths. */
function taps(from: number, to: number): {first: Int32Array; second: Int32Array; weights: Int32Array} {
  const [first, second] = [new Int32Array(to), new Int32Array(to)];
  const weights = new Int32Array(2 * to);
  for (let i = 0; i < to; i++) {
    const place = Math.fround((i + 0.5) * (from / to) - 0.5);
    const whole = Math.floor(place);
    const share = Math.fround(place - whole);
    first[i] = Math.min(Math.max(whole, 0), from - 1);
    second[i] = Math.min(Math.max(whole + 1, 0), from - 1);
    weights[2 * i] = Math.round(Math.fround(1 - share) * 2048);
    weights[2 * i + 1] = Math.round(share * 2048);
  }
  return {first, second, weights};
}
