import {type Rle, rleToBox} from '@foveal/core';
import type {Box} from '../annotations/boxRule.js';
import type {Image} from '../image.js';
import {emptyLike, type Fill, filledImage} from './grid.js';
import type {Motion} from './moveSample.js';
import {RunWriter} from './runWriter.js';

/** Where a point goes: x' = a·x + b·y + c, y' = d·x + e·y + f, in pixels, the image's corner at (0, 0). */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export interface AffineParameters {
  /** Degrees, clockwise. */
  angle: number;
  /** Pixels to the right and down. */
  translate: readonly [number, number];
  scale: number;
  /** Degrees along x and y. */
  shear: readonly [number, number];
}

/** torchvision's order: shear, then turn and scale about the image's centre, then translate. */
export function affineAbout(
  {width, height}: {width: number; height: number},
  {angle, translate, scale, shear}: AffineParameters,
): Affine {
  const [turn, shearX, shearY] = [angle, shear[0], shear[1]].map(degrees => (degrees * Math.PI) / 180);
  const [cos, sin] = [Math.cos(turn - shearY) / Math.cos(shearY), Math.sin(turn - shearY) / Math.cos(shearY)];
  const a = scale * cos;
  const b = scale * (-cos * Math.tan(shearX) - Math.sin(turn));
  const d = scale * sin;
  const e = scale * (-sin * Math.tan(shearX) + Math.cos(turn));
  const [x, y] = [width / 2, height / 2];
  return [a, b, x + translate[0] - a * x - b * y, d, e, y + translate[1] - d * x - e * y];
}

/** @throws RangeError if everything falls onto a line. */
export function invert([a, b, c, d, e, f]: Affine): Affine {
  const area = a * e - b * d;
  if (!(Math.abs(area) > 1e-12)) {
    throw new RangeError('affine: scale must not be 0, nor the shear a quarter turn.');
  }
  return [e / area, -b / area, (b * f - c * e) / area, -d / area, a / area, (c * d - a * f) / area];
}

/** The motion of an image of the size given, which keeps its size. */
export function affineMotion(forward: Affine, width: number, height: number, fill: Fill): Motion {
  const back = invert(forward);
  return {
    image: image => warpImage(image, back, fill),
    box: box => hull(forward, box),
    mask: mask => warpMask(mask, forward, back),
    classMap: classMap => warpClasses(classMap, back, width, height),
  };
}

/** The box around the four corners where they come to lie. */
export function hull([a, b, c, d, e, f]: Affine, [x1, y1, x2, y2]: Box): Box {
  const xs = [a * x1 + b * y1, a * x2 + b * y1, a * x1 + b * y2, a * x2 + b * y2];
  const ys = [d * x1 + e * y1, d * x2 + e * y1, d * x1 + e * y2, d * x2 + e * y2];
  return [Math.min(...xs) + c, Math.min(...ys) + f, Math.max(...xs) + c, Math.max(...ys) + f];
}

/** Bilinear between pixels' centres; past the edge lies the fill, into which the edge's pixels fade. */
function warpImage(image: Image, [a, b, c, d, e, f]: Affine, fill: Fill): Image {
  const {data, width, height, channels} = image;
  const warped = filledImage(width, height, channels, fill);
  const {data: out} = warped;
  for (let y = 0, to = 0; y < height; y++) {
    let sx = a * 0.5 + b * (y + 0.5) + c - 0.5;
    let sy = d * 0.5 + e * (y + 0.5) + f - 0.5;
    for (let x = 0; x < width; x++, sx += a, sy += d, to += channels) {
      const [left, top] = [Math.floor(sx), Math.floor(sy)];
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      const [fx, fy] = [sx - left, sy - top];
      const [inLeft, inTop, inRight, inBottom] = [left >= 0, top >= 0, left < width - 1, top < height - 1];
      const topLeft = inLeft && inTop ? (1 - fx) * (1 - fy) : 0;
      const topRight = inRight && inTop ? fx * (1 - fy) : 0;
      const bottomLeft = inLeft && inBottom ? (1 - fx) * fy : 0;
      const bottomRight = inRight && inBottom ? fx * fy : 0;
      const outside = 1 - topLeft - topRight - bottomLeft - bottomRight;
      const from = (top * width + left) * channels;
      const below = from + width * channels;
      for (let channel = 0; channel < channels; channel++) {
        // Places outside the array read undefined, which no weight of 0 makes a number.
        let value = outside * out[to + channel] + 0.5;
        if (topLeft > 0) value += topLeft * data[from + channel];
        if (topRight > 0) value += topRight * data[from + channels + channel];
        if (bottomLeft > 0) value += bottomLeft * data[below + channel];
        if (bottomRight > 0) value += bottomRight * data[below + channels + channel];
        out[to + channel] = value;
      }
    }
  }
  return warped;
}

/** Works on the columns that the mask comes to lie in. */
function warpMask(mask: Rle, forward: Affine, [a, b, c, d, e, f]: Affine): Rle {
  const {width, height} = mask;
  const [left, top, w, h] = rleToBox(mask);
  const [x1, y1, x2, y2] = hull(forward, [left, top, left + w, top + h]);
  const [above, below] = [inside(Math.floor(y1), height), inside(Math.ceil(y2), height)];
  const source = columnsOf(mask, left, w);
  const runs = new RunWriter();
  for (let x = 0; x < width; x++) {
    if (x < Math.floor(x1) || x >= x2) {
      runs.add(0, height);
      continue;
    }
    runs.add(0, above);
    for (let y = above; y < below; y++) {
      const sx = Math.floor(a * (x + 0.5) + b * (y + 0.5) + c) - left;
      const sy = Math.floor(d * (x + 0.5) + e * (y + 0.5) + f);
      runs.add(sx >= 0 && sx < w && sy >= 0 && sy < height ? source[sx * height + sy] : 0, 1);
    }
    runs.add(0, height - below);
  }
  return {width, height, counts: runs.counts()};
}

const inside = (value: number, length: number) => Math.min(Math.max(value, 0), length);

/** The pixels of `count` columns from `left` on, one column after another; all that the mask has lie there. */
function columnsOf({counts, height}: Rle, left: number, count: number): Uint8Array {
  const pixels = new Uint8Array(count * height);
  let at = -left * height;
  counts.forEach((run, i) => {
    if (i % 2 === 1) pixels.fill(1, at, at + run);
    at += run;
  });
  return pixels;
}

/** The classes of the pixels that the centres come from. */
function warpClasses<M extends Uint8Array | Uint16Array>(
  classMap: M,
  [a, b, c, d, e, f]: Affine,
  width: number,
  height: number,
): M {
  const warped = emptyLike(classMap, classMap.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const sx = Math.floor(a * (x + 0.5) + b * (y + 0.5) + c);
      const sy = Math.floor(d * (x + 0.5) + e * (y + 0.5) + f);
      if (sx >= 0 && sy >= 0 && sx < width && sy < height) warped[to] = classMap[sy * width + sx];
    }
  }
  return warped;
}
