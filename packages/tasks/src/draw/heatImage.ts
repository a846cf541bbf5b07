import type {Image} from '@foveal/data';
import sharp from 'sharp';
import {type HeatScale, heatColor} from './heatColors.js';

/** Values in rows, to be drawn as colours. */
export interface HeatMap {
  /** `[height, width]`. */
  values: ArrayLike<number>;
  width: number;
  height: number;
}

export interface HeatRange {
  scale: HeatScale;
  /** What gets the last colour; for `signed`, minus it gets the first. */
  most: number;
}

/** Each value as a pixel of its colour. */
export function heatImage({values, width, height}: HeatMap, range: HeatRange): Image {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) data.set(heatColor(shareOf(values[i], range), range.scale), 3 * i);
  return {data, width, height, channels: 3};
}

/** A map in the size of an image, blurred between its values where it is smaller. */
export async function heatSized(map: HeatMap, {width, height}: Image, range: HeatRange): Promise<HeatMap> {
  if (map.width === width && map.height === height) return map;
  const shares = Uint8Array.from(map.values, value => Math.round(255 * shareOf(value, range)));
  const bytes = await sharp(shares, {raw: {width: map.width, height: map.height, channels: 1}})
    .resize({width, height, fit: 'fill', kernel: 'cubic'})
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const {most, scale} = range;
  const value =
    scale === 'signed' ? (v: number) => ((2 * v) / 255 - 1) * most : (v: number) => (v / 255) * most;
  return {values: Float32Array.from(bytes, value), width, height};
}

/** The share of the photo that is seen through the colours. */
export const photoShare = 0.45;

/** A map over the image in grey, so that colours mean the map alone. The map must have the image's size. */
export function heatOver(image: Image, map: HeatMap, range: HeatRange): Image {
  const heat = heatImage(map, range);
  const {channels, data} = image;
  for (let i = 0; i < image.width * image.height; i++) {
    const from = i * channels;
    const grey =
      channels === 1 ? data[from] : 0.299 * data[from] + 0.587 * data[from + 1] + 0.114 * data[from + 2];
    for (let c = 3 * i; c < 3 * i + 3; c++)
      heat.data[c] = Math.round(photoShare * grey + (1 - photoShare) * heat.data[c]);
  }
  return heat;
}

const shareOf = (value: number, {scale, most}: HeatRange) => {
  if (!(most > 0)) return scale === 'signed' ? 0.5 : 0;
  const share = Math.min(Math.max(value / most, -1), 1);
  return scale === 'signed' ? (1 + share) / 2 : Math.max(share, 0);
};
