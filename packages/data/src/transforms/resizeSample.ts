import {cropImage, type Region} from '../cropImage.js';
import {resizeLikePillow} from '../resizeLikePillow.js';
import type {Sample} from '../sample.js';
import {nearest} from './grid.js';
import {gridMotion, moveSample} from './moveSample.js';

/**
 * Cuts a region out, which must lie inside, and brings it to a size: the image by a triangle filter, as Pillow's
 * BILINEAR; masks and class maps by the pixel nearest to each centre.
 */
export function resizeSample(
  sample: Sample,
  region: Region,
  {width, height}: {width: number; height: number},
  minVisible: number,
): Sample {
  const {left, top} = region;
  const grid = {
    columns: nearest(left, region.width, width),
    rows: nearest(top, region.height, height),
  };
  const [sx, sy] = [width / region.width, height / region.height];
  const whole = region.width === sample.image.width && region.height === sample.image.height;
  const motion = gridMotion(
    grid,
    sample.image.width,
    ([x1, y1, x2, y2]) => [(x1 - left) * sx, (y1 - top) * sy, (x2 - left) * sx, (y2 - top) * sy],
    image => resizeLikePillow(whole ? image : cropImage(image, region), {width, height}),
  );
  return moveSample(sample, motion, minVisible);
}
