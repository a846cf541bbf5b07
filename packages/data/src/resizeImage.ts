import {enlargeImage} from './enlargeImage.js';
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
 * Resizes by a triangle filter, as wide as the reduction where an axis shrinks: what Pillow calls BILINEAR and torchvision
 * "bilinear with antialias". Then cuts a region out; only what it needs is computed.
 *
 * @param size - Of the whole resized image.
 * @param region - In the resized image. @defaultValue all of it
 */
export async function resizeImage(
  image: Image,
  size: {width: number; height: number},
  region: Region = {left: 0, top: 0, ...size},
): Promise<Image> {
  const shrunken = {width: Math.min(size.width, image.width), height: Math.min(size.height, image.height)};
  const shrinks = shrunken.width < image.width || shrunken.height < image.height;
  const enlarges = shrunken.width < size.width || shrunken.height < size.height;
  if (!enlarges) return shrinkImage(image, size, region);
  const small = shrinks ? await shrinkImage(image, shrunken, {left: 0, top: 0, ...shrunken}) : image;
  return enlargeImage(small, size, region);
}

async function shrinkImage(
  {data, width, height, channels}: Image,
  size: {width: number; height: number},
  region: Region,
): Promise<Image> {
  const sharp = await loadSharp();
  const input = {raw: {width, height, channels}, limitInputPixels: false} as const;
  const pipeline = sharp(data, input)
    .resize({...size, fit: 'fill', kernel: 'linear'})
    .extract(region)
    // Without it, grey would come back as three channels.
    .toColourspace(channels === 1 ? 'b-w' : 'srgb');
  return {data: await pipeline.raw().toBuffer(), width: region.width, height: region.height, channels};
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
