// Girshick et al., "Rich feature hierarchies for accurate object detection", CVPR 2014, arXiv:1311.2524, section 2.1
// and appendix A: tightest square with anisotropic scaling.
import type {Preprocess} from '@foveal/core';
import type {Image} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';

export interface WarpOptions {
  /** What the backbone expects of its input; `resize` is of no concern here. */
  preprocess: Preprocess;
  /** Pixels around the box, in the warped picture. @defaultValue 16 */
  context?: number;
}

/**
 * Cuts boxes out of an image and stretches each, whatever its shape, to the input of a network, with some context
 * around. Bilinear without smoothing, as in the paper's code; what lies beyond the image is the mean, so 0.
 *
 * @param boxes - `[R · 4]`, `[x1, y1, x2, y2]` in pixels of the image.
 * @returns `[R, height, width, channels]` float32, normalised; the caller owns it.
 * @throws RangeError if the context leaves no room for the box, or the backbone wants grey images.
 */
export function warpRegions(
  image: Image,
  boxes: Float32Array,
  {preprocess, context = 16}: WarpOptions,
): tf.Tensor4D {
  const {inputSize, color, scale, mean, std} = preprocess;
  const [height, width] = inputSize;
  if (color === 'gray') throw new RangeError('warpRegions: expected a backbone for colour images, got gray.');
  if (!(2 * context < Math.min(height, width))) {
    throw new RangeError(
      `warpRegions: a context of ${context} leaves no room in an input of ${height} × ${width}. Take less.`,
    );
  }
  const count = boxes.length / 4;
  const out = new Float32Array(count * height * width * 3);
  const order = color === 'bgr' ? [2, 1, 0] : [0, 1, 2];
  const factors = std.map(value => scale / value);
  const shifts = mean.map((value, c) => -value / std[c]);
  const to: Target = {values: out, width, height, order, factors, shifts};
  for (let r = 0; r < count; r++) {
    const [x1, y1, x2, y2] = boxes.subarray(4 * r, 4 * r + 4);
    const columns = taps(x1, x2, width, context, image.width);
    const rows = taps(y1, y2, height, context, image.height);
    warp(image, columns, rows, to, 3 * r * height * width);
  }
  return tf.tensor4d(out, [count, height, width, 3]);
}

/** What is written, and how the values of an image become those of a network. */
interface Target {
  values: Float32Array;
  width: number;
  height: number;
  order: readonly number[];
  factors: readonly number[];
  shifts: readonly number[];
}

/** Channel by channel, without a function call inside: 2,000 regions of an image are 30 million pixels. */
function warp(
  {data, width: rowLength, channels}: Image,
  columns: Taps,
  rows: Taps,
  {values, width, height, order, factors, shifts}: Target,
  start: number,
): void {
  for (let c = 0; c < 3; c++) {
    const channel = channels === 1 ? 0 : order[c];
    const [factor, shift] = [factors[c], shifts[c]];
    for (let y = 0; y < height; y++) {
      if (rows.low[y] < 0) continue;
      const top = rows.low[y] * rowLength * channels + channel;
      const bottom = rows.high[y] * rowLength * channels + channel;
      const down = rows.share[y];
      for (let x = 0, at = start + 3 * y * width + c; x < width; x++, at += 3) {
        const low = columns.low[x] * channels;
        if (low < 0) continue;
        const high = columns.high[x] * channels;
        const right = columns.share[x];
        const above = data[top + low] + (data[top + high] - data[top + low]) * right;
        const below = data[bottom + low] + (data[bottom + high] - data[bottom + low]) * right;
        values[at] = (above + (below - above) * down) * factor + shift;
      }
    }
  }
}

interface Taps {
  low: Int32Array;
  high: Int32Array;
  share: Float32Array;
}

/** Where each place along one side of the warped picture lies in the image: −1 beyond it. */
function taps(start: number, end: number, size: number, context: number, limit: number): Taps {
  const step = (end - start) / (size - 2 * context);
  const low = new Int32Array(size).fill(-1);
  const high = new Int32Array(size);
  const share = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const place = start + (i + 0.5 - context) * step;
    if (!(place >= 0 && place <= limit)) continue;
    const centre = Math.min(Math.max(place - 0.5, 0), limit - 1);
    low[i] = Math.floor(centre);
    high[i] = Math.min(low[i] + 1, limit - 1);
    share[i] = centre - low[i];
  }
  return {low, high, share};
}
