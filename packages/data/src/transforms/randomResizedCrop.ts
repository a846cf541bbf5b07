// Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, arXiv:1409.4842, section 6.
import type {Random} from '@foveal/core';
import type {Region} from '../cropImage.js';
import type {Image} from '../image.js';
import type {Transform} from '../sample.js';
import {defaultMinVisible, type VisibleRule} from './moveSample.js';
import {resizeSample} from './resizeSample.js';
import {checkInterval, type Size, sizeOf} from './size.js';

export interface RandomResizedCropOptions extends VisibleRule {
  /** What comes out. */
  size: Size;
  /** The share of the image's area that is cut out. @defaultValue [0.08, 1] */
  scale?: readonly [number, number];
  /** Its width by its height, drawn evenly between their logarithms. @defaultValue [3/4, 4/3] */
  ratio?: readonly [number, number];
}

/** Cuts a part of random area and shape out, and brings it to a size: the augmentation of ImageNet's recipes. */
export function randomResizedCrop({
  size,
  scale = [0.08, 1],
  ratio = [3 / 4, 4 / 3],
  minVisible = defaultMinVisible,
}: RandomResizedCropOptions): Transform {
  const target = sizeOf(size, 'randomResizedCrop');
  checkInterval('randomResizedCrop: scale', scale, 0);
  checkInterval('randomResizedCrop: ratio', ratio, Number.MIN_VALUE);
  return (sample, random) =>
    resizeSample(sample, drawRegion(sample.image, random, scale, ratio), target, minVisible);
}

/** torchvision's rule: ten tries for a region that fits, then the largest one in the centre whose shape is allowed. */
export function drawRegion(
  {width, height}: Pick<Image, 'width' | 'height'>,
  random: Random,
  scale: readonly [number, number],
  ratio: readonly [number, number],
): Region {
  const [low, high] = ratio.map(Math.log);
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * (scale[0] + random.next() * (scale[1] - scale[0]));
    const aspect = Math.exp(low + random.next() * (high - low));
    const w = Math.round(Math.sqrt(area * aspect));
    const h = Math.round(Math.sqrt(area / aspect));
    if (w < 1 || w > width || h < 1 || h > height) continue;
    const top = random.int(height - h + 1);
    return {left: random.int(width - w + 1), top, width: w, height: h};
  }
  const aspect = Math.min(Math.max(width / height, ratio[0]), ratio[1]);
  const w = Math.min(width, Math.max(1, Math.round(height * aspect)));
  const h = Math.min(height, Math.max(1, Math.round(width / aspect)));
  return {left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h};
}
