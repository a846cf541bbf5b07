// Redmon & Farhadi, "YOLO9000", CVPR 2017, arXiv:1612.08242, section 2, "Dimension Clusters".
import {Random} from '@foveal/core';

export interface KMeansAnchorsOptions {
  /** How many anchors; at most as many as there are boxes. */
  count: number;
  /** Where the first centres are drawn from. @defaultValue a stream of seed 0 */
  random?: Random;
  /** Rounds at the most. @defaultValue 300 */
  rounds?: number;
}

/** Anchors, and how well they serve. */
export interface Anchors {
  /** `[width, height]` in the unit of the boxes, by rising area. */
  anchors: [number, number][];
  /** The mean over all boxes of the overlap with the nearest anchor, in [0, 1]. */
  meanIou: number;
}

/**
 * Clusters the shapes of boxes by the distance `1 − IoU` (both laid on one centre), so that large boxes count no more
 * than small ones.
 *
 * @param sizes - Width and height of each box; those without area are left out.
 * @throws RangeError if there are fewer boxes than anchors.
 */
export function kMeansAnchors(
  sizes: readonly (readonly [number, number])[],
  {count, random = new Random(0), rounds = 300}: KMeansAnchorsOptions,
): Anchors {
  const boxes = sizes.filter(([width, height]) => width > 0 && height > 0);
  if (!(Number.isInteger(count) && count >= 1 && count <= boxes.length)) {
    throw new RangeError(
      `kMeansAnchors: count must be a whole number from 1 to ${boxes.length}, the boxes with an area; got ${count}.`,
    );
  }
  let anchors = firstCentres(boxes, count, random);
  let nearest = boxes.map(() => -1);
  for (let round = 0; round < rounds; round++) {
    const now = boxes.map(box => nearestOf(box, anchors));
    if (now.every((anchor, i) => anchor === nearest[i])) break;
    nearest = now;
    anchors = anchors.map((anchor, a) => mean(boxes.filter((_, i) => now[i] === a)) ?? anchor);
  }
  const overlaps = boxes.map(box => shapeIou(box, anchors[nearestOf(box, anchors)]));
  return {
    anchors: anchors.sort((a, b) => a[0] * a[1] - b[0] * b[1]),
    meanIou: overlaps.reduce((sum, overlap) => sum + overlap, 0) / boxes.length,
  };
}

type Shape = readonly [number, number];

/** Far from each other: each is drawn with a chance that grows with the square of its distance to the others. */
function firstCentres(boxes: readonly Shape[], count: number, random: Random): [number, number][] {
  const centres: [number, number][] = [[...boxes[random.int(boxes.length)]]];
  while (centres.length < count) {
    const chances = boxes.map(box => (1 - shapeIou(box, centres[nearestOf(box, centres)])) ** 2);
    let left = random.next() * chances.reduce((sum, chance) => sum + chance, 0);
    const drawn = chances.findIndex(chance => (left -= chance) < 0);
    centres.push([...boxes[drawn < 0 ? boxes.length - 1 : drawn]]);
  }
  return centres;
}

function nearestOf(box: Shape, anchors: readonly Shape[]): number {
  let [best, most] = [0, -1];
  anchors.forEach((anchor, a) => {
    const overlap = shapeIou(box, anchor);
    if (overlap > most) [best, most] = [a, overlap];
  });
  return best;
}

function shapeIou([aw, ah]: Shape, [bw, bh]: Shape): number {
  const both = Math.min(aw, bw) * Math.min(ah, bh);
  return both / (aw * ah + bw * bh - both);
}

function mean(shapes: readonly Shape[]): [number, number] | undefined {
  if (shapes.length === 0) return undefined;
  const sum = (side: 0 | 1) => shapes.reduce((total, shape) => total + shape[side], 0);
  return [sum(0) / shapes.length, sum(1) / shapes.length];
}
