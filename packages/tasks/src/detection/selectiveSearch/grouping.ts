// Uijlings et al., "Selective Search for Object Recognition", IJCV 2013, algorithm 1.
import {PairHeap} from './pairHeap.js';
import type {Regions} from './regions.js';
import {type Cue, join, similarity} from './similarities.js';

/**
 * Joins the two neighbours that are most alike, again and again, until one region is left. The regions are completed
 * in place: first those of the segmentation, then every union in the order of joining. Pairs alike to the bit are
 * taken in the order of their numbers.
 *
 * @param pixels - Of the whole image.
 * @returns How many regions there are in the end: `2 · count − 1`, if all hang together.
 */
export function groupRegions(regions: Regions, cues: ReadonlySet<Cue>, pixels: number): number {
  const {count, sizes} = regions;
  const around = Array.from({length: sizes.length}, () => new Set<number>());
  const pairs = new PairHeap();
  const meet = (i: number, j: number) => {
    around[i].add(j);
    around[j].add(i);
    pairs.push(similarity(regions, i, j, cues, pixels), i, j);
  };
  for (const [i, j] of regions.neighbours) meet(i, j);
  const gone = new Uint8Array(sizes.length);
  let next = count;
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [i, j] = pair;
    if (gone[i] || gone[j]) continue;
    gone[i] = gone[j] = 1;
    const t = next++;
    join(regions, i, j, t);
    for (const other of new Set([...around[i], ...around[j]])) if (!gone[other]) meet(other, t);
  }
  return next;
}
