// Uijlings et al., "Selective Search for Object Recognition", IJCV 2013, equations 1 to 7.
import type {Regions} from './regions.js';

/** What likeness is made of; each in [0, 1]. */
export type Cue = 'color' | 'texture' | 'size' | 'fill';

/**
 * How alike two regions are: the sum of some cues. Colour and texture are what their histograms share; size wants
 * small regions joined early, fill those that lie in each other.
 *
 * @param pixels - Of the whole image.
 */
export function similarity(
  regions: Regions,
  i: number,
  j: number,
  cues: ReadonlySet<Cue>,
  pixels: number,
): number {
  const {bins, sizes} = regions;
  let sum = 0;
  if (cues.has('color')) sum += shared(regions, i, j, 0, bins.color);
  if (cues.has('texture')) sum += shared(regions, i, j, bins.color, bins.length);
  if (cues.has('size')) sum += 1 - (sizes[i] + sizes[j]) / pixels;
  if (cues.has('fill')) sum += 1 - (areaAround(regions, i, j) - sizes[i] - sizes[j]) / pixels;
  return sum;
}

/** Writes the union of two regions to place `t`: all of it follows from the two, without a look at the pixels. */
export function join({sizes, boxes, histograms, bins}: Regions, i: number, j: number, t: number): void {
  const {length} = bins;
  sizes[t] = sizes[i] + sizes[j];
  const [own, other] = [sizes[i] / sizes[t], sizes[j] / sizes[t]];
  for (let bin = 0; bin < length; bin++) {
    histograms[t * length + bin] = own * histograms[i * length + bin] + other * histograms[j * length + bin];
  }
  for (let side = 0; side < 4; side++) {
    const outer = side < 2 ? Math.min : Math.max;
    boxes[4 * t + side] = outer(boxes[4 * i + side], boxes[4 * j + side]);
  }
}

/** The intersection of two histograms from one bin to another. */
function shared({histograms, bins}: Regions, i: number, j: number, from: number, to: number): number {
  let sum = 0;
  const [a, b] = [i * bins.length, j * bins.length];
  for (let bin = from; bin < to; bin++) {
    const [one, other] = [histograms[a + bin], histograms[b + bin]];
    sum += Math.min(one, other);
  }
  return sum;
}

/** The area of the box around both. */
function areaAround({boxes}: Regions, i: number, j: number): number {
  const [a, b] = [4 * i, 4 * j];
  const width = Math.max(boxes[a + 2], boxes[b + 2]) - Math.min(boxes[a], boxes[b]);
  const height = Math.max(boxes[a + 3], boxes[b + 3]) - Math.min(boxes[a + 1], boxes[b + 1]);
  return width * height;
}
