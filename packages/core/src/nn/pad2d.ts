import * as tf from '@tensorflow/tfjs-core';
import {type Pair, pair} from './pair.js';

/**
 * What lies beyond the border: nothing, the border itself, the image mirrored (without repeating the border), or
 * the image again.
 */
export type PaddingMode = 'zeros' | 'replicate' | 'reflect' | 'circular';

/**
 * Extends images on all sides. Differentiable in `x` on every engine; the gradient of tfjs's own mirrorPad is wrong,
 * as it leaves out what the mirrored pixels send back.
 *
 * @param x - `[N, H, W, C]` float32.
 * @param padding - Pixels on each side, one number or `[height, width]`.
 * @returns `[N, H + 2·height, W + 2·width, C]` float32.
 * @throws RangeError if the image is too small to be mirrored or repeated that far.
 */
export function pad2d(x: tf.Tensor4D, padding: Pair, mode: PaddingMode = 'zeros'): tf.Tensor4D {
  const [height, width] = pair(padding);
  return tf.tidy(() => {
    if (mode === 'zeros') {
      const sides: [number, number][] = [
        [0, 0],
        [height, height],
        [width, width],
        [0, 0],
      ];
      return tf.pad(x, sides);
    }
    return extend(extend(x, 1, height, mode), 2, width, mode);
  });
}

function extend(x: tf.Tensor4D, axis: 1 | 2, by: number, mode: Exclude<PaddingMode, 'zeros'>): tf.Tensor4D {
  if (by === 0) return tf.clone(x);
  const size = x.shape[axis];
  const least = {replicate: 1, reflect: by + 1, circular: by}[mode];
  if (size < least) {
    throw new RangeError(
      `pad2d: ${mode} padding by ${by} needs ${least} pixels along axis ${axis}, got an image of shape ` +
        `[${x.shape}]. Pad less, or with 'replicate'.`,
    );
  }
  const part = (start: number, length: number) => {
    const [begin, extent] = [[0, 0, 0, 0], [...x.shape]];
    begin[axis] = start;
    extent[axis] = length;
    return tf.slice(x, begin, extent);
  };
  const [before, after] = {
    replicate: () => [repeat(part(0, 1), by), repeat(part(size - 1, 1), by)],
    reflect: () => [[tf.reverse(part(1, by), axis)], [tf.reverse(part(size - 1 - by, by), axis)]],
    circular: () => [[part(size - by, by)], [part(0, by)]],
  }[mode]();
  return tf.concat([...before, x, ...after], axis);
}

const repeat = (edge: tf.Tensor4D, times: number) => new Array<tf.Tensor4D>(times).fill(edge);
