import type {Image} from '@foveal/data';

export interface SignedImageOptions {
  /** What becomes white, and minus it black. @defaultValue the largest value, whatever its sign */
  most?: number;
  /** Values are in the order blue, green, red. @defaultValue false */
  bgr?: boolean;
}

/**
 * Draws weights or gradients as an image: 0 is middle grey, what is above bright, what is below dark; with three
 * channels, in their colours.
 *
 * @param values - `[height, width, channels]`.
 */
export function signedImage(
  values: Float32Array,
  {width, height, channels}: Omit<Image, 'data'>,
  {most = largest(values), bgr = false}: SignedImageOptions = {},
): Image {
  const data = Uint8Array.from(values, value => {
    const share = most > 0 ? Math.min(Math.max(value / most, -1), 1) : 0;
    return Math.round(127.5 * (1 + share));
  });
  if (bgr && channels === 3) {
    for (let i = 0; i < data.length; i += 3) [data[i], data[i + 2]] = [data[i + 2], data[i]];
  }
  return {data, width, height, channels};
}

/** The largest value, whatever its sign. */
export const largest = (values: Float32Array) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The size that the given share of values other than 0 do not exceed: the most, without the few that outshine the rest. */
export function typicalMost(values: Float32Array, share = 0.995): number {
  const sizes = values
    .filter(value => value !== 0)
    .map(Math.abs)
    .sort();
  return sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))] ?? 0;
}
