// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385, section 4.2.
import type {Transform} from '../sample.js';
import {cutSample} from './cutSample.js';
import type {Fill} from './grid.js';
import {defaultMinVisible, type VisibleRule} from './moveSample.js';
import {type Size, sizeOf} from './size.js';

export interface RandomCropOptions extends VisibleRule {
  /** What is cut out. @defaultValue the image's own size */
  size?: Size;
  /** Pixels added on each side before the cut. @defaultValue 4 without `size`, 0 with it */
  padding?: number;
  /** What the padding is filled with, 0 to 255. @defaultValue 0 */
  fill?: Fill;
}

/**
 * Cuts a part out of the padded image, at random. An image that is too small all the same shows whole, at a random
 * place (torchvision's `pad_if_needed`).
 */
export function randomCrop({
  size,
  padding = size === undefined ? 4 : 0,
  fill = 0,
  minVisible = defaultMinVisible,
}: RandomCropOptions = {}): Transform {
  const fixed = size === undefined ? undefined : sizeOf(size, 'randomCrop');
  return (sample, random) => {
    const {width, height} = fixed ?? sample.image;
    const place = (length: number, cut: number) => {
      const spare = length + 2 * padding - cut;
      return Math.min(spare, 0) + random.int(Math.abs(spare) + 1) - padding;
    };
    const left = place(sample.image.width, width);
    const top = place(sample.image.height, height);
    return cutSample(sample, {left, top, width, height}, fill, minVisible);
  };
}
