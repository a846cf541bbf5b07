import type {Image} from './image.js';

/** A rectangle of pixels. */
export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Cuts out a region, which must lie inside. */
export function cropImage({data, width, channels}: Image, region: Region): Image {
  const row = region.width * channels;
  const cut = new Uint8Array(row * region.height);
  for (let y = 0; y < region.height; y++) {
    const from = ((region.top + y) * width + region.left) * channels;
    cut.set(data.subarray(from, from + row), y * row);
  }
  return {data: cut, width: region.width, height: region.height, channels};
}
