import type {Sample, Transform} from '../sample.js';
import {gatherImage, range} from './grid.js';
import {gridMotion, moveSample} from './moveSample.js';

export interface RandomFlipOptions {
  /** In [0, 1]. @defaultValue 0.5 */
  probability?: number;
  /** `horizontal` swaps left and right, `vertical` top and bottom. @defaultValue 'horizontal' */
  direction?: 'horizontal' | 'vertical';
}

/** Mirrors an image with its objects, at random. Not for digits and text. */
export function randomFlip({probability = 0.5, direction = 'horizontal'}: RandomFlipOptions = {}): Transform {
  return (sample, random) => (random.next() < probability ? flip(sample, direction) : sample);
}

function flip(sample: Sample, direction: 'horizontal' | 'vertical'): Sample {
  const {width, height} = sample.image;
  const sideways = direction === 'horizontal';
  const columns = range(width, 0, width);
  const rows = range(height, 0, height);
  (sideways ? columns : rows).reverse();
  const grid = {columns, rows};
  const motion = gridMotion(
    grid,
    width,
    ([x1, y1, x2, y2]) => (sideways ? [width - x2, y1, width - x1, y2] : [x1, height - y2, x2, height - y1]),
    image => gatherImage(image, grid, 0),
  );
  return moveSample(sample, motion, undefined);
}
