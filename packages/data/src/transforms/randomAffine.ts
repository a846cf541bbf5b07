import type {Random} from '@foveal/core';
import type {Transform} from '../sample.js';
import {affineAbout, affineMotion} from './affine.js';
import type {Fill} from './grid.js';
import {defaultMinVisible, moveSample, type VisibleRule} from './moveSample.js';
import {checkInterval} from './size.js';

export interface RandomAffineOptions extends VisibleRule {
  /** Turns clockwise: a number stands for [−number, number]. @defaultValue 0 */
  degrees?: number | readonly [number, number];
  /** The most that the image moves, as shares of its width and height. @defaultValue [0, 0] */
  translate?: readonly [number, number];
  /** @defaultValue [1, 1] */
  scale?: readonly [number, number];
  /** Degrees along x, or `[least x, most x, least y, most y]`. @defaultValue 0 */
  shear?: number | readonly [number, number, number, number];
  /** What shows where the image moved away, 0 to 255. @defaultValue 0 */
  fill?: Fill;
}

/**
 * Turns, moves, scales and shears about the centre, at random; the image keeps its size. torchvision's rules, but
 * images are interpolated bilinearly. A box becomes the box around its turned corners, which is loose for anything but
 * a rectangle: where there are masks, {@link boxesFromMasks} makes it tight.
 */
export function randomAffine({
  degrees = 0,
  translate = [0, 0],
  scale = [1, 1],
  shear = 0,
  fill = 0,
  minVisible = defaultMinVisible,
}: RandomAffineOptions = {}): Transform {
  const turns = typeof degrees === 'number' ? ([-degrees, degrees] as const) : degrees;
  const shears = typeof shear === 'number' ? ([-shear, shear, 0, 0] as const) : shear;
  checkInterval('randomAffine: degrees', turns, Number.NEGATIVE_INFINITY);
  checkInterval('randomAffine: scale', scale, Number.MIN_VALUE);
  for (const share of translate) checkInterval('randomAffine: translate', [0, share], 0, 1);
  return (sample, random) => {
    const {width, height} = sample.image;
    const parameters = {
      angle: between(random, turns[0], turns[1]),
      translate: [
        Math.round(between(random, -translate[0] * width, translate[0] * width)),
        Math.round(between(random, -translate[1] * height, translate[1] * height)),
      ],
      scale: between(random, scale[0], scale[1]),
      shear: [between(random, shears[0], shears[1]), between(random, shears[2], shears[3])],
    } as const;
    const motion = affineMotion(affineAbout(sample.image, parameters), width, height, fill);
    return moveSample(sample, motion, minVisible);
  };
}

const between = (random: Random, low: number, high: number) => low + random.next() * (high - low);
