// Uijlings et al., "Selective Search for Object Recognition", IJCV 2013, sections 3 and 4.3 (table 5).
import {Random} from '@foveal/core';
import type {Image} from '@foveal/data';
import {type ColorSpace, toColorSpace} from './colorSpaces.js';
import {pixelGraph, segmentGraph} from './graphSegmentation.js';
import {groupRegions} from './grouping.js';
import {describeRegions, pixelBins} from './regions.js';
import {shrunken} from './shrunken.js';
import type {Cue} from './similarities.js';

/** Every combination of these is a grouping of its own. */
export interface SearchStrategies {
  colorSpaces: readonly ColorSpace[];
  cues: readonly (readonly Cue[])[];
  /** Scales of the first segmentation. */
  k: readonly number[];
}

const all: readonly Cue[] = ['color', 'texture', 'size', 'fill'];
const noColor: readonly Cue[] = ['texture', 'size', 'fill'];

/** Table 5 of the paper: 8 groupings and 80. */
export const searchModes = {
  fast: {colorSpaces: ['hsv', 'lab'], cues: [all, noColor], k: [50, 100]},
  quality: {
    colorSpaces: ['hsv', 'lab', 'rgI', 'hue', 'intensity'],
    cues: [all, noColor, ['fill'], ['size']],
    k: [50, 100, 150, 300],
  },
} satisfies Record<string, SearchStrategies>;

export interface SelectiveSearchOptions {
  /** `fast`: some 2,000 boxes; `quality`: some 10,000, in ten times the time. @defaultValue 'fast' */
  mode?: keyof typeof searchModes;
  /** Groupings of one's own, in place of a mode's. */
  strategies?: SearchStrategies;
  /** The longer side, in pixels, that a larger image is shrunk to for the search. @defaultValue 500 */
  longerSide?: number;
  /** Width and height, in pixels of the searched image, below which a box is left out. @defaultValue 8 */
  minSide?: number;
  /** The most boxes to give. @defaultValue all */
  limit?: number;
  /** Decides the order of boxes from like levels of the groupings. @defaultValue 0 */
  seed?: number;
}

/**
 * Boxes that may hold an object of any kind: regions of like pixels, and what arises when neighbours are joined by
 * likeness until the image is one. Plain arithmetic on typed arrays, so that it runs in a worker as well; the same
 * image and seed give the same boxes on every machine.
 *
 * @returns `[K · 4]` float32, `[x1, y1, x2, y2]` in pixels of the image, no box twice; likely ones first (section 3.3:
 * by the level in the grouping, the whole first, times a random number).
 * @throws RangeError if the image has no pixels.
 */
export function selectiveSearch(image: Image, options: SelectiveSearchOptions = {}): Float32Array {
  const {mode = 'fast', strategies = searchModes[mode], longerSide = 500, minSide = 8, seed = 0} = options;
  if (!(image.width > 0 && image.height > 0)) {
    throw new RangeError(
      `selectiveSearch: expected an image with pixels, got ${image.width} × ${image.height}.`,
    );
  }
  const small = shrunken(image, longerSide);
  const random = new Random(seed);
  const found = new Map<string, {box: Float32Array; rank: number}>();
  for (const boxes of groupings(small, strategies)) {
    const count = boxes.length / 4;
    for (let i = count - 1; i >= 0; i--) {
      // The number is drawn for each, so that what is left out changes nothing for others.
      const rank = (count - i) * random.next();
      const box = boxes.slice(4 * i, 4 * i + 4);
      if (box[2] - box[0] < minSide || box[3] - box[1] < minSide) continue;
      const key = box.join();
      const known = found.get(key);
      if (!known) found.set(key, {box, rank});
      else known.rank = Math.min(known.rank, rank);
    }
  }
  const ordered = [...found.values()].sort((a, b) => a.rank - b.rank).slice(0, options.limit);
  const [x, y] = [image.width / small.width, image.height / small.height];
  const out = new Float32Array(4 * ordered.length);
  ordered.forEach(({box}, i) => {
    out.set([box[0] * x, box[1] * y, box[2] * x, box[3] * y], 4 * i);
  });
  return out;
}

/** The boxes of each grouping in the order of joining. */
function* groupings(image: Image, {colorSpaces, cues, k}: SearchStrategies): Generator<Float32Array> {
  const pixels = image.width * image.height;
  for (const space of colorSpaces) {
    const planes = toColorSpace(image, space);
    const graph = pixelGraph(planes);
    const bins = pixelBins(planes);
    for (const scale of k) {
      const start = describeRegions(segmentGraph(graph, {k: scale}), image, bins);
      for (const group of cues) {
        const regions = {
          ...start,
          sizes: start.sizes.slice(),
          boxes: start.boxes.slice(),
          histograms: start.histograms.slice(),
        };
        const count = groupRegions(regions, new Set(group), pixels);
        yield regions.boxes.subarray(0, 4 * count);
      }
    }
  }
}
