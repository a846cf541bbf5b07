// Felzenszwalb & Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 2004, section 3 (algorithm 1) and 5.
import type {Planes} from './colorSpaces.js';
import {DisjointSets} from './disjointSets.js';
import {smooth} from './gaussian.js';

export interface GraphSegmentationOptions {
  /** The scale of observation, in units of colour difference: a larger one prefers larger regions. @defaultValue 100 */
  k?: number;
  /** Blur beforehand, in pixels. @defaultValue 0.8 */
  sigma?: number;
  /** Pixels; smaller regions join the neighbour they differ from least. @defaultValue k */
  minSize?: number;
}

/** Regions of an image. */
export interface Segmentation {
  /** `[height · width]`: the region of each pixel, numbered from 0 in order of their first pixels. */
  labels: Int32Array;
  /** Number of regions. */
  count: number;
}

/** The pairs of neighbouring pixels of an image, those of the least difference first. */
export interface PixelGraph {
  width: number;
  height: number;
  /** `[E]`: `4 · pixel + direction`, where the direction is one of `right`, `down`, `down right`, `down left`. */
  edges: Uint32Array;
  /** `[E]`: Euclidean difference of colour, ascending. */
  weights: Float32Array;
}

/**
 * The graph over eight neighbours a pixel. One graph serves segmentations with any `k`.
 *
 * @param planes - The image; differences are Euclidean over its channels.
 */
export function pixelGraph(planes: Planes, sigma = 0.8): PixelGraph {
  const {width, height} = planes;
  const channels = planes.channels.map(plane => smooth(plane, width, height, sigma));
  const edges = new Uint32Array(4 * width * height);
  const weights = new Float32Array(edges.length);
  let count = 0;
  const add = (pixel: number, direction: number, other: number) => {
    let sum = 0;
    for (const plane of channels) sum += (plane[pixel] - plane[other]) ** 2;
    edges[count] = 4 * pixel + direction;
    weights[count++] = Math.sqrt(sum);
  };
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      const [right, down] = [x + 1 < width, y + 1 < height];
      if (right) add(pixel, 0, pixel + 1);
      if (down) add(pixel, 1, pixel + width);
      if (right && down) add(pixel, 2, pixel + width + 1);
      if (x > 0 && down) add(pixel, 3, pixel + width - 1);
    }
  }
  return {width, height, ...sortByWeight(edges.subarray(0, count), weights.subarray(0, count))};
}

/** Joins regions while the difference between them is no more than that within them. */
export function segmentGraph(
  {width, height, edges, weights}: PixelGraph,
  {k = 100, minSize = k}: Omit<GraphSegmentationOptions, 'sigma'> = {},
): Segmentation {
  const sets = new DisjointSets(width * height);
  // MInt of the paper: the largest difference inside, plus k / size.
  const limits = new Float32Array(width * height).fill(k);
  const steps = [1, width, width + 1, width - 1];
  const each = (visit: (a: number, b: number, weight: number) => void) => {
    for (let e = 0; e < edges.length; e++) {
      const pixel = edges[e] >>> 2;
      const a = sets.find(pixel);
      const b = sets.find(pixel + steps[edges[e] & 3]);
      if (a !== b) visit(a, b, weights[e]);
    }
  };
  each((a, b, weight) => {
    if (weight > limits[a] || weight > limits[b]) return;
    const root = sets.join(a, b);
    limits[root] = weight + k / sets.sizes[root];
  });
  each((a, b) => {
    if (Math.min(sets.sizes[a], sets.sizes[b]) < minSize) sets.join(a, b);
  });
  return numbered(sets, width * height);
}

/** Divides an image into regions of like colour, larger in its even parts: one parameter, nearly linear time. */
export function graphSegmentation(
  planes: Planes,
  {sigma = 0.8, ...options}: GraphSegmentationOptions = {},
): Segmentation {
  return segmentGraph(pixelGraph(planes, sigma), options);
}

function numbered(sets: DisjointSets, pixels: number): Segmentation {
  const names = new Int32Array(pixels).fill(-1);
  const labels = new Int32Array(pixels);
  let count = 0;
  for (let i = 0; i < pixels; i++) {
    const root = sets.find(i);
    if (names[root] < 0) names[root] = count++;
    labels[i] = names[root];
  }
  return {labels, count};
}

/** A radix sort in two passes: the same order on every machine, equal weights in the order of the pixels. */
function sortByWeight(edges: Uint32Array, weights: Float32Array): Pick<PixelGraph, 'edges' | 'weights'> {
  // Bits of floats that are not negative ascend as integers do.
  const bits = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
  let from = {edges, bits};
  for (const shift of [0, 16]) {
    const starts = new Uint32Array(65_537);
    for (const value of from.bits) starts[((value >>> shift) & 0xffff) + 1]++;
    for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
    const to = {edges: new Uint32Array(edges.length), bits: new Uint32Array(edges.length)};
    for (let i = 0; i < edges.length; i++) {
      const place = starts[(from.bits[i] >>> shift) & 0xffff]++;
      to.edges[place] = from.edges[i];
      to.bits[place] = from.bits[i];
    }
    from = to;
  }
  return {edges: from.edges, weights: new Float32Array(from.bits.buffer)};
}
