import type {Image} from '@foveal/data';
import sharp from 'sharp';

/** A PNG that fits a square, and its size in pixels. */
export interface Thumbnail {
  png: Buffer;
  width: number;
  height: number;
}

/**
 * Scales an image to fit a square of `side` pixels, keeping its proportions. Small images grow by whole
 * factors and keep hard pixel edges, so that a digit of 28 × 28 is seen as it is; large ones shrink smoothly.
 */
export async function thumbnail({data, width, height, channels}: Image, side: number): Promise<Thumbnail> {
  const fit = side / Math.max(width, height);
  const factor = fit >= 1 ? Math.floor(fit) : fit;
  const size = {width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor))};
  const png = await sharp(data, {raw: {width, height, channels}})
    .resize({...size, fit: 'fill', kernel: factor >= 1 ? 'nearest' : 'lanczos3'})
    .png()
    .toBuffer();
  return {png, ...size};
}
