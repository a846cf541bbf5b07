// Uijlings et al., "Selective Search for Object Recognition", IJCV 2013, section 3.2: what is known of a region.
import type {Planes} from './colorSpaces.js';
import {gradient} from './gaussian.js';
import type {Segmentation} from './graphSegmentation.js';

const colorBins = 25;
const textureBins = 10;
const orientations = 8;

/** Which bins each pixel of an image falls into: one of colour and eight of texture in each channel. */
export interface PixelBins {
  /** `[channels · 9 · pixels]`, plane by plane: the number of a bin in a region's histogram. */
  bins: Uint16Array;
  /** Planes of `bins`. */
  planes: number;
  /** Leading bins of a histogram that are colour's. */
  color: number;
  /** All bins of a histogram: colour's, then texture's. */
  length: number;
}

/**
 * Colour in 25 bins a channel; slopes (σ = 1) to eight directions in 10 bins each, from 0 to the channel's steepest.
 * The same for every segmentation of the image.
 */
export function pixelBins({channels, width, height}: Planes): PixelBins {
  const pixels = width * height;
  const color = channels.length * colorBins;
  const planes = channels.length * (1 + orientations);
  const bins = new Uint16Array(planes * pixels);
  channels.forEach((plane, c) => {
    const own = bins.subarray(c * pixels, (c + 1) * pixels);
    for (let i = 0; i < pixels; i++) {
      own[i] = c * colorBins + Math.min(Math.floor((plane[i] * colorBins) / 256), colorBins - 1);
    }
    const first = channels.length * pixels + c * orientations * pixels;
    const slopes = bins.subarray(first, first + orientations * pixels);
    binSlopes(plane, width, height, slopes, color + c * orientations * textureBins);
  });
  return {bins, planes, color, length: color + channels.length * orientations * textureBins};
}

/** Right, down and the diagonals between, and the same backwards: a slope counts in the half of them that it rises to. */
function binSlopes(
  plane: Float32Array,
  width: number,
  height: number,
  out: Uint16Array,
  firstBin: number,
): void {
  const pixels = width * height;
  const {x, y} = gradient(plane, width, height, 1);
  let steepest = 0;
  for (let i = 0; i < pixels; i++) steepest = Math.max(steepest, x[i] ** 2 + y[i] ** 2);
  // Below a hundredth of a grey level there is only rounding.
  const scale = steepest < 1e-4 ? 0 : textureBins / Math.sqrt(steepest);
  const diagonal = Math.SQRT1_2;
  for (let d = 0; d < orientations / 2; d++) {
    const [dx, dy] = [
      [1, 0],
      [diagonal, diagonal],
      [0, 1],
      [-diagonal, diagonal],
    ][d];
    const [ahead, back] = [d * pixels, (d + 4) * pixels];
    const [aheadBin, backBin] = [firstBin + d * textureBins, firstBin + (d + 4) * textureBins];
    for (let i = 0; i < pixels; i++) {
      const slope = (dx * x[i] + dy * y[i]) * scale;
      const bin = Math.min(Math.floor(Math.abs(slope)), textureBins - 1);
      out[ahead + i] = aheadBin + (slope > 0 ? bin : 0);
      out[back + i] = backBin + (slope < 0 ? bin : 0);
    }
  }
}

/** Regions with room for all that arise when they are joined two by two: `2 · count − 1`. */
export interface Regions {
  /** Those of the segmentation. */
  count: number;
  /** Pixels of each. */
  sizes: Float64Array;
  /** `[x1, y1, x2, y2]` each, continuous. */
  boxes: Float32Array;
  /** Values of a histogram each: colour's and texture's parts add up to 1. */
  histograms: Float32Array;
  bins: Pick<PixelBins, 'color' | 'length'>;
  /** `[i, j]` with i < j for regions that touch by a side or corner, in ascending order. */
  neighbours: [number, number][];
}

/** Measures the regions of a segmentation. */
export function describeRegions(
  {labels, count}: Segmentation,
  {width, height}: Pick<Planes, 'width' | 'height'>,
  {bins, planes, color, length}: PixelBins,
): Regions {
  const room = 2 * count - 1;
  const sizes = new Float64Array(room);
  const boxes = new Float32Array(4 * room);
  const histograms = new Float32Array(length * room);
  const pixels = width * height;
  for (let r = 0; r < count; r++) boxes.set([width, height, 0, 0], 4 * r);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const r = labels[i];
      const b = 4 * r;
      sizes[r]++;
      if (x < boxes[b]) boxes[b] = x;
      if (y < boxes[b + 1]) boxes[b + 1] = y;
      if (x >= boxes[b + 2]) boxes[b + 2] = x + 1;
      if (y >= boxes[b + 3]) boxes[b + 3] = y + 1;
    }
  }
  for (let p = 0; p < planes; p++) {
    const own = bins.subarray(p * pixels, (p + 1) * pixels);
    for (let i = 0; i < pixels; i++) histograms[labels[i] * length + own[i]]++;
  }
  const channels = color / colorBins;
  for (let r = 0; r < count; r++) {
    for (let bin = 0; bin < length; bin++) {
      histograms[r * length + bin] /= sizes[r] * channels * (bin < color ? 1 : orientations);
    }
  }
  const neighbours = touching(labels, width, height, count);
  return {count, sizes, boxes, histograms, bins: {color, length}, neighbours};
}

function touching(labels: Int32Array, width: number, height: number, count: number): [number, number][] {
  const pairs = new Set<number>();
  const add = (a: number, b: number) => {
    if (a !== b) pairs.add(a < b ? a * count + b : b * count + a);
  };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [right, down] = [x + 1 < width, y + 1 < height];
      if (right) add(labels[i], labels[i + 1]);
      if (down) add(labels[i], labels[i + width]);
      if (right && down) add(labels[i], labels[i + width + 1]);
      if (x > 0 && down) add(labels[i], labels[i + width - 1]);
    }
  }
  return [...pairs].sort((a, b) => a - b).map(pair => [Math.floor(pair / count), pair % count]);
}
