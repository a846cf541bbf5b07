import {type Rle, rleToMask} from '@foveal/core';
import sharp from 'sharp';
import {rgbOf} from './categoryColor.js';

/** Which object or category each pixel belongs to. */
export interface Regions {
  width: number;
  height: number;
  /** `[height · width]`, row by row: 0 for none, or 1 + the place of its colour in `colors`. */
  index: Uint16Array;
  /** `#rrggbb`. */
  colors: readonly string[];
}

const fill = 110; // of 255: the image shines through
const edge = 255;

/** Puts masks over each other, the small ones on top. */
export function regionsOfMasks(masks: readonly Rle[], colors: readonly string[]): Regions | undefined {
  if (masks.length === 0) return undefined;
  const [{width, height}] = masks;
  const index = new Uint16Array(width * height);
  const areas = masks.map(({counts}) => counts.reduce((sum, count, i) => sum + (i % 2 ? count : 0), 0));
  const order = [...masks.keys()].sort((a, b) => areas[b] - areas[a]);
  for (const m of order) {
    const mask = rleToMask(masks[m]);
    for (let i = 0; i < mask.length; i++) if (mask[i]) index[i] = m + 1;
  }
  return {width, height, index, colors};
}

/**
 * A transparent PNG of `size`: regions tinted, with an edge of full colour between them and around them, so that
 * neighbours of one colour stay apart.
 */
export function maskLayer(
  {width, height, index, colors}: Regions,
  size: {width: number; height: number},
): Promise<Buffer> {
  const tints = colors.map(rgbOf);
  const at = (x: number, y: number) => {
    const [sx, sy] = [Math.floor((x * width) / size.width), Math.floor((y * height) / size.height)];
    return index[sy * width + sx];
  };
  const out = Buffer.alloc(size.width * size.height * 4);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const own = at(x, y);
      if (own === 0) continue;
      const inside = (dx: number, dy: number) => {
        const [nx, ny] = [x + dx, y + dy];
        return nx < 0 || ny < 0 || nx >= size.width || ny >= size.height || at(nx, ny) === own;
      };
      const inner = inside(-1, 0) && inside(1, 0) && inside(0, -1) && inside(0, 1);
      const [r, g, b] = tints[own - 1];
      out.set([r, g, b, inner ? fill : edge], (y * size.width + x) * 4);
    }
  }
  return sharp(out, {raw: {...size, channels: 4}})
    .png()
    .toBuffer();
}
