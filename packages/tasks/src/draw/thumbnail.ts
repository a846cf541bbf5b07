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
export async function thumbnail(image: Image, side: number): Promise<Thumbnail> {
  const {size, pipeline} = scaled(image, side);
  return {png: await pipeline.png().toBuffer(), ...size};
}

/** An image no larger than a square of `side` pixels: the image itself if it fits, or a smaller one. */
export async function shrunk(image: Image, side: number): Promise<Image> {
  if (Math.max(image.width, image.height) <= side) return image;
  const {size, pipeline} = scaled(image, side);
  return {...image, ...size, data: new Uint8Array(await pipeline.raw().toBuffer())};
}

function scaled({data, width, height, channels}: Image, side: number) {
  const fit = side / Math.max(width, height);
  const factor = fit >= 1 ? Math.floor(fit) : fit;
  const size = {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
  const pipeline = sharp(data, {raw: {width, height, channels}})
    .resize({...size, fit: 'fill', kernel: factor >= 1 ? 'nearest' : 'lanczos3'})
    .toColourspace(channels === 1 ? 'b-w' : 'srgb');
  return {size, pipeline};
}
