import type {Image} from './image.js';
import {loadSharp} from './loadSharp.js';

/** A rectangle of pixels. */
export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Resizes by a triangle filter as wide as the reduction, which is what Pillow calls BILINEAR and torchvision
 * "bilinear with antialias", then cuts a region out.
 *
 * @param size - Of the whole resized image.
 * @param region - In the resized image; only what it needs is computed. @defaultValue all of it
 * @throws Error if sharp cannot, such as for a side of more than a hundred million pixels.
 */
export async function resizeImage(
  {data, width, height, channels}: Image,
  size: {width: number; height: number},
  region: Region = {left: 0, top: 0, ...size},
): Promise<Image> {
  const sharp = await loadSharp();
  const input = {raw: {width, height, channels}, limitInputPixels: false} as const;
  try {
    const pipeline = sharp(data, input)
      .resize({...size, fit: 'fill', kernel: 'linear'})
      .extract(region)
      // Without it, grey would come back as three channels.
      .toColourspace(channels === 1 ? 'b-w' : 'srgb');
    const resized = await pipeline.raw().toBuffer();
    return {data: resized, width: region.width, height: region.height, channels};
  } catch (cause) {
    const sizes = `${width} × ${height} pixels to ${size.width} × ${size.height}`;
    throw new Error(`cannot be resized from ${sizes} (${(cause as Error).message}).`, {cause});
  }
}

/** Cuts a region out, without sharp. */
export function cropImage({data, width, channels}: Image, region: Region): Image {
  const row = region.width * channels;
  const cut = new Uint8Array(row * region.height);
  for (let y = 0; y < region.height; y++) {
    const from = ((region.top + y) * width + region.left) * channels;
    cut.set(data.subarray(from, from + row), y * row);
  }
  return {data: cut, width: region.width, height: region.height, channels};
}
