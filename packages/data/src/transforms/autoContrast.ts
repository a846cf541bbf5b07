import type {Image} from '../image.js';
import type {Transform} from '../sample.js';

export interface AutoContrastOptions {
  /** Per cent of the darkest and of the brightest pixels that may be lost, in [0, 50). @defaultValue 0 */
  cutoff?: number;
}

/**
 * Stretches each channel until it reaches from 0 to 255, as Pillow's `ImageOps.autocontrast`: for pictures of which some
 * are dim. A channel of one value stays as it is. There is no chance in it: apply it to what is predicted, too.
 *
 * @throws RangeError if `cutoff` is out of range.
 */
export function autoContrast({cutoff = 0}: AutoContrastOptions = {}): Transform {
  if (!(cutoff >= 0 && cutoff < 50)) {
    throw new RangeError(
      `autoContrast: cutoff must be a percentage from 0 to below 50, got ${cutoff}. 1 leaves out stray pixels.`,
    );
  }
  return sample => ({...sample, image: stretch(sample.image, cutoff)});
}

function stretch({data, channels, ...size}: Image, cutoff: number): Image {
  const stretched = new Uint8Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const counts = new Uint32Array(256);
    for (let i = channel; i < data.length; i += channels) counts[data[i]]++;
    const values = stretchedValues(counts, Math.floor((cutoff * data.length) / channels / 100));
    for (let i = channel; i < data.length; i += channels) stretched[i] = values[data[i]];
  }
  return {data: stretched, channels, ...size};
}

/** What each value becomes when `lost` pixels at either end do not count. */
function stretchedValues(counts: Uint32Array, lost: number): Uint8ClampedArray {
  const lowest = firstBeyond(counts, lost);
  const highest = 255 - firstBeyond(counts.toReversed(), lost);
  const scale = highest > lowest ? 255 / (highest - lowest) : 1;
  const offset = highest > lowest ? -lowest * scale : 0;
  // Pillow drops fractions; an array of clamped bytes would round them.
  return Uint8ClampedArray.from(counts, (_, value) => Math.trunc(value * scale + offset));
}

/** The first value at which more than `lost` pixels have been met. */
function firstBeyond(counts: Uint32Array, lost: number): number {
  let met = 0;
  return counts.findIndex(count => {
    met += count;
    return met > lost;
  });
}
