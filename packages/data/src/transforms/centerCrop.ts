import type {Transform} from '../sample.js';
import {cutSample} from './cutSample.js';
import type {Fill} from './grid.js';
import {defaultMinVisible, type VisibleRule} from './moveSample.js';
import {type Size, sizeOf} from './size.js';

export interface CenterCropOptions extends VisibleRule {
  size: Size;
  /** What surrounds an image that is smaller, 0 to 255. @defaultValue 0 */
  fill?: Fill;
}

/** Cuts the centre out, placed as torchvision places it; draws nothing at random. */
export function centerCrop({size, fill = 0, minVisible = defaultMinVisible}: CenterCropOptions): Transform {
  const {width, height} = sizeOf(size, 'centerCrop');
  return sample => {
    const region = {
      left: start(sample.image.width, width),
      top: start(sample.image.height, height),
      width,
      height,
    };
    return cutSample(sample, region, fill, minVisible);
  };
}

/** Of an odd rest, a larger image loses as Python rounds halves, to even; a smaller one gets less at the start. */
function start(length: number, cut: number): number {
  const half = (length - cut) / 2;
  if (half < 0) return Math.ceil(half);
  const below = Math.floor(half);
  return half - below === 0.5 && below % 2 === 1 ? below + 1 : below;
}
