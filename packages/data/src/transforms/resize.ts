import type {Sample, Transform} from '../sample.js';
import {resizeSample} from './resizeSample.js';
import {sizeOf} from './size.js';

export type ResizeOptions =
  | {
      /** `[height, width]` exactly, whatever becomes of the shape. */
      size: readonly [height: number, width: number];
    }
  | {
      /** The shorter side in pixels; the shape stays. A list gives one of them, at random. */
      shorter: number | readonly number[];
      /** The most that the longer side may have; the shorter one gives way. @defaultValue no limit */
      longer?: number;
    };

/** Resizes the image with its objects; sizes are rounded down, as torchvision's. */
export function resize(options: ResizeOptions): Transform {
  if ('size' in options) {
    const size = sizeOf(options.size, 'resize');
    return sample => toSize(sample, size);
  }
  const {shorter, longer} = options;
  const choices = typeof shorter === 'number' ? [shorter] : shorter;
  if (choices.length === 0) throw new RangeError('resize: shorter must have one length or more, got none.');
  for (const choice of choices) {
    sizeOf(choice, 'resize');
    if (longer === undefined || longer >= choice) continue;
    throw new RangeError(`resize: longer (${longer}) must not be less than shorter (${choice}).`);
  }
  return (sample, random) => {
    const choice = choices.length === 1 ? choices[0] : choices[random.int(choices.length)];
    return toSize(sample, shorterTo(sample.image, choice, longer));
  };
}

/** The size of an image whose shorter side becomes `shorter`, unless the longer one would pass `longer`. */
export function shorterTo(
  {width, height}: {width: number; height: number},
  shorter: number,
  longer = Number.POSITIVE_INFINITY,
): {width: number; height: number} {
  const [least, most] = [Math.min(width, height), Math.max(width, height)];
  let [short, long] = [shorter, Math.trunc((shorter * most) / least)];
  if (long > longer) [short, long] = [Math.max(1, Math.trunc((longer * short) / long)), longer];
  return width <= height ? {width: short, height: long} : {width: long, height: short};
}

function toSize(sample: Sample, size: {width: number; height: number}): Sample {
  const {width, height} = sample.image;
  if (width === size.width && height === size.height) return sample;
  return resizeSample(sample, {left: 0, top: 0, width, height}, size, 0);
}
