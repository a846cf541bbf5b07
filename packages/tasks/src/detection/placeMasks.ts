import {type Rle, rleToMask} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Placement, Size} from './detectionNetwork.js';

/**
 * Masks of an image where they lie in a network's input: each pixel takes the nearest one of the image, as torchvision
 * resizes masks; beside the image there is nothing.
 *
 * @param masks - K masks of the image's size.
 * @returns `[K, size[0], size[1]]` float32, 0 or 1.
 */
export function placeMasks(masks: readonly Rle[], {size, scale, offset}: Placement, to: Size): tf.Tensor3D {
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
  return Int32Array.from({length}, (_, i) => {
    // A hair more, so that a quotient that should be whole is not rounded to the pixel before it.
    const from = Math.floor((i - Math.round(offset)) / scale + 1e-6);
    return from >= 0 && from < pixels ? from : -1;
  });
}
