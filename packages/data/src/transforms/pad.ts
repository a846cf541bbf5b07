import type {Transform} from '../sample.js';
import {cutSample} from './cutSample.js';
import type {Fill} from './grid.js';

export interface PadOptions {
  /** Pixels on every side, or `[left, top, right, bottom]`. */
  padding: number | readonly [left: number, top: number, right: number, bottom: number];
  /** 0 to 255. @defaultValue 0 */
  fill?: Fill;
}

/** Puts a border around the image; draws nothing at random. A class map is ignored there. */
export function pad({padding, fill = 0}: PadOptions): Transform {
  const [left, top, right, bottom] =
    typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
  for (const side of [left, top, right, bottom]) {
    if (Number.isInteger(side) && side >= 0) continue;
    throw new RangeError(`pad: padding must be whole pixels from 0 up, got ${JSON.stringify(padding)}.`);
  }
  return sample => {
    const {width, height} = sample.image;
    const region = {left: -left, top: -top, width: width + left + right, height: height + top + bottom};
    return cutSample(sample, region, fill, 0);
  };
}
