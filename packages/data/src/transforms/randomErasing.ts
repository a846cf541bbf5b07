// Zhong et al., "Random Erasing Data Augmentation", AAAI 2020, arXiv:1708.04896, algorithm 1.
import type {Random} from '@foveal/core';
import type {Region} from '../cropImage.js';
import type {Image} from '../image.js';
import type {Transform} from '../sample.js';
import type {Fill} from './grid.js';
import {checkInterval} from './size.js';

export interface RandomErasingOptions {
  /** In [0, 1]. @defaultValue 0.5 */
  probability?: number;
  /** The share of the image's area that is erased. @defaultValue [0.02, 0.33] */
  scale?: readonly [number, number];
  /** Its height by its width. @defaultValue [0.3, 3.3] */
  ratio?: readonly [number, number];
  /** What takes its place, 0 to 255, or noise. @defaultValue 0 */
  fill?: Fill | 'noise';
}

/**
 * Erases a rectangle of the image, at random. Boxes, masks and class maps stay: what they tell of is hidden, not gone.
 */
export function randomErasing({
  probability = 0.5,
  scale = [0.02, 0.33],
  ratio = [0.3, 3.3],
  fill = 0,
}: RandomErasingOptions = {}): Transform {
  checkInterval('randomErasing: scale', scale, 0, 1);
  checkInterval('randomErasing: ratio', ratio, Number.MIN_VALUE);
  return (sample, random) => {
    if (random.next() >= probability) return sample;
    const region = drawPatch(sample.image, random, scale, ratio);
    return region ? {...sample, image: erase(sample.image, region, fill, random)} : sample;
  };
}

/** torchvision's rule: of ten tries the first that is smaller than the image both ways. */
function drawPatch(
  {width, height}: Image,
  random: Random,
  scale: readonly [number, number],
  ratio: readonly [number, number],
): Region | undefined {
  const [low, high] = ratio.map(Math.log);
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * (scale[0] + random.next() * (scale[1] - scale[0]));
    const aspect = Math.exp(low + random.next() * (high - low));
    const h = Math.round(Math.sqrt(area * aspect));
    const w = Math.round(Math.sqrt(area / aspect));
    if (h >= height || w >= width) continue;
    const top = random.int(height - h + 1);
    return {left: random.int(width - w + 1), top, width: w, height: h};
  }
  return undefined;
}

function erase(image: Image, region: Region, fill: Fill | 'noise', random: Random): Image {
  const {width, channels} = image;
  const data = image.data.slice();
  const row = region.width * channels;
  for (let y = region.top; y < region.top + region.height; y++) {
    const from = (y * width + region.left) * channels;
    if (typeof fill === 'number') data.fill(fill, from, from + row);
    else if (fill === 'noise') for (let i = 0; i < row; i++) data[from + i] = random.uint32() >>> 24;
    else for (let i = 0; i < row; i++) data[from + i] = fill[i % channels];
  }
  return {...image, data};
}
