import type {Region} from '../cropImage.js';
import type {Sample} from '../sample.js';
import {type Fill, gatherImage, range} from './grid.js';
import {gridMotion, moveSample} from './moveSample.js';

/** What lies in a region of the image, which may reach over its edges: there is the fill, and classes are ignored. */
export function cutSample(
  sample: Sample,
  {left, top, width, height}: Region,
  fill: Fill,
  minVisible: number,
): Sample {
  const grid = {
    columns: range(sample.image.width, left, width),
    rows: range(sample.image.height, top, height),
  };
  const motion = gridMotion(
    grid,
    sample.image.width,
    ([x1, y1, x2, y2]) => [x1 - left, y1 - top, x2 - left, y2 - top],
    image => gatherImage(image, grid, fill),
  );
  return moveSample(sample, motion, minVisible);
}
