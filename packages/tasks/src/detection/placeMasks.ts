import {type Rle, rleToMask} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize, Placement} from './detectionNetwork.js';

/**
 * Masks of an image where they lie in a network's input: each pixel takes the nearest one of the image, as torchvision
 * resizes masks; beside the image there is nothing.
 *
 * @param masks - K masks of the image's size.
 * @returns `[K, size[0], size[1]]` float32, 0 or 1.
 */
export function placeMasks(
  masks: readonly Rle[],
  {size, scale, offset}: Placement,
  to: PixelSize,
): tf.Tensor3D {
  const [height, width] = to;
  const rows = sources(height, scale[0], offset[0], size[0]);
  const columns = sources(width, scale[1], offset[1], size[1]);
  const values = new Float32Array(masks.length * height * width);
  masks.forEach((mask, k) => {
    const pixels = rleToMask(mask);
    for (let y = 0; y < height; y++) {
      if (rows[y] < 0) continue;
      const from = rows[y] * size[1];
      const at = (k * height + y) * width;
      for (let x = 0; x < width; x++) if (columns[x] >= 0 && pixels[from + columns[x]]) values[at + x] = 1;
    }
  });
  return tf.tensor3d(values, [masks.length, height, width]);
}

/** The pixel of the image that each pixel of the input takes; −1 beside the image. */
function sources(length: number, scale: number, offset: number, pixels: number): Int32Array {
  // In float32, as PyTorch computes: it decides which neighbour is taken where a quotient should be whole.
  const step = Math.fround(1 / scale);
  const placed = Math.round(pixels * scale);
  return Int32Array.from({length}, (_, i) => {
    const at = i - Math.round(offset);
    return at >= 0 && at < placed ? Math.min(Math.floor(Math.fround(at * step)), pixels - 1) : -1;
  });
}
