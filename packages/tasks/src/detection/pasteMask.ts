// He et al., "Mask R-CNN", ICCV 2017, arXiv:1703.06870, section 3.1, inference; pixels as torchvision's paste_masks_in_image.
import {type Rle, rleFromMask} from '@foveal/core';
import type {Size} from './detectionNetwork.js';

/**
 * Draws the mask of an object's box into the image.
 *
 * @param cells - `[side · side]` chances in [0, 1].
 * @param box - `[x1, y1, x2, y2]` in pixels of the image.
 * @param threshold - Pixels above it belong to the object.
 */
export function pasteMask(
  cells: Float32Array,
  box: ArrayLike<number>,
  [height, width]: Size,
  threshold = 0.5,
): Rle {
  const side = Math.sqrt(cells.length);
  // One ring of zeros around the cells, and the box that goes with it: edges fade instead of being cut.
  const grow = (side + 2) / side;
  const ends = (low: number, high: number) => {
    const [middle, half] = [(low + high) / 2, ((high - low) / 2) * grow];
    const from = Math.trunc(middle - half);
    return {from, length: Math.max(1, Math.trunc(middle + half) - from + 1)};
  };
  const [x, y] = [ends(box[0], box[2]), ends(box[1], box[3])];
  const at = (row: number, column: number) =>
    row >= 1 && row <= side && column >= 1 && column <= side ? cells[(row - 1) * side + column - 1] : 0;
  const image = new Uint8Array(height * width);
  const columns = Array.from({length: x.length}, (_, i) => place(i, x.length, side + 2));
  for (let i = Math.max(0, -y.from); i < y.length && y.from + i < height; i++) {
    const row = place(i, y.length, side + 2);
    for (let j = Math.max(0, -x.from); j < x.length && x.from + j < width; j++) {
      const column = columns[j];
      const above = at(row.low, column.low) * (1 - column.share) + at(row.low, column.high) * column.share;
      const below = at(row.high, column.low) * (1 - column.share) + at(row.high, column.high) * column.share;
      if (above * (1 - row.share) + below * row.share > threshold)
        image[(y.from + i) * width + x.from + j] = 1;
    }
  }
  return rleFromMask(image, height, width);
}

/** Where a pixel's centre lies between the cells, with the outermost repeated at the edges. */
function place(i: number, length: number, cells: number): {low: number; high: number; share: number} {
  const exact = Math.max(0, ((i + 0.5) * cells) / length - 0.5);
  const low = Math.min(cells - 1, Math.floor(exact));
  return {low, high: Math.min(cells - 1, low + 1), share: exact - low};
}
