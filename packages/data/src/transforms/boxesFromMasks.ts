import {rleToBox} from '@foveal/core';
import type {Transform} from '../sample.js';

/** Draws each box tightly around its mask; to follow a turn or a crop. Without masks, nothing changes. */
export const boxesFromMasks: Transform = sample => {
  const {masks} = sample;
  if (!masks) return sample;
  const boxes = new Float32Array(masks.length * 4);
  masks.forEach((mask, k) => {
    const [x, y, width, height] = rleToBox(mask);
    const old = sample.boxes?.subarray(4 * k, 4 * k + 4);
    boxes.set(width === 0 && old ? old : [x, y, x + width, y + height], 4 * k);
  });
  return {...sample, boxes};
};
