// Run-length masks as COCO stores them: Lin et al., "Microsoft COCO", ECCV 2014, arXiv:1405.0312, and its mask format.
// Pixels are counted down the columns; runs of zeros and ones take turns, zeros first.

/** A binary mask by the lengths of its runs. `counts` adds up to `height · width`. */
export interface Rle {
  height: number;
  width: number;
  counts: Uint32Array;
}

/**
 * Checks that the runs fill the image exactly, before anything is allocated for its pixels.
 *
 * @throws RangeError if a size or a run is no whole number in range, or the runs do not fill the image.
 */
export function checkedRle(height: number, width: number, counts: ArrayLike<number>): Rle {
  for (const [name, side] of [
    ['height', height],
    ['width', width],
  ] as const) {
    if (!Number.isInteger(side) || side < 1 || side > 2 ** 20) {
      throw new RangeError(`rle: ${name} must be a whole number from 1 to ${2 ** 20}, got ${side}.`);
    }
  }
  let pixels = 0;
  for (let i = 0; i < counts.length; i++) {
    if (!Number.isInteger(counts[i]) || counts[i] < 0) {
      throw new RangeError(`rle: run ${i} must be a whole number of pixels, got ${counts[i]}.`);
    }
    pixels += counts[i];
  }
  if (pixels !== height * width) {
    throw new RangeError(
      `rle: the runs must fill ${height} × ${width} = ${height * width} pixels, got ${pixels}. ` +
        'Check that size is [height, width] and belongs to this image.',
    );
  }
  return {height, width, counts: Uint32Array.from(counts)};
}

/** Decodes COCO's compact string: 5 bits a character, each run but the first three as a difference to the run two before. */
export function rleFromString(text: string, height: number, width: number): Rle {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let bits = 0;
    let chunk: number;
    do {
      chunk = text.charCodeAt(at++) - 48;
      if (!(chunk >= 0 && chunk < 64) || bits > 30) {
        throw new RangeError(`rle: character ${at} of the counts is not part of a COCO mask string.`);
      }
      value |= (chunk & 31) << bits;
      bits += 5;
    } while (chunk & 32);
    if (chunk & 16 && bits < 32) value |= -1 << bits;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return checkedRle(height, width, counts);
}

/** The inverse of {@link rleFromString}. */
export function rleToString({counts}: Rle): string {
  const bytes: number[] = [];
  counts.forEach((count, i) => {
    let value = i > 2 ? count - counts[i - 2] : count;
    for (let more = true; more; ) {
      const chunk = value & 31;
      value >>= 5;
      more = chunk & 16 ? value !== -1 : value !== 0;
      bytes.push(48 + chunk + (more ? 32 : 0));
    }
  });
  return Buffer.from(bytes).toString('latin1');
}

/** @param mask - `[height · width]`, row by row; any value but 0 counts as set. */
export function rleFromMask(mask: ArrayLike<number>, height: number, width: number): Rle {
  const counts: number[] = [];
  let run = 0;
  let inside = false;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((mask[y * width + x] !== 0) !== inside) {
        counts.push(run);
        run = 0;
        inside = !inside;
      }
      run++;
    }
  }
  counts.push(run);
  return {height, width, counts: Uint32Array.from(counts)};
}

/** @returns `[height · width]`, row by row, 0 and 1. */
export function rleToMask({height, width, counts}: Rle): Uint8Array {
  const mask = new Uint8Array(height * width);
  let at = 0;
  counts.forEach((count, i) => {
    if (i % 2 === 1) {
      for (let p = at; p < at + count; p++) mask[(p % height) * width + Math.floor(p / height)] = 1;
    }
    at += count;
  });
  return mask;
}

/** The number of set pixels. */
export function rleArea({counts}: Rle): number {
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i];
  return area;
}

/** The tight box around the set pixels, `[x, y, width, height]` as COCO writes it; all zeros for an empty mask. */
export function rleToBox({height, counts}: Rle): [number, number, number, number] {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1];
  let at = 0;
  counts.forEach((count, i) => {
    if (i % 2 === 1 && count > 0) {
      const last = at + count - 1;
      const firstColumn = Math.floor(at / height);
      const lastColumn = Math.floor(last / height);
      left = Math.min(left, firstColumn);
      right = Math.max(right, lastColumn);
      const spansColumns = lastColumn > firstColumn;
      top = Math.min(top, spansColumns ? 0 : at % height);
      bottom = Math.max(bottom, spansColumns ? height - 1 : last % height);
    }
    at += count;
  });
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/** The number of pixels set in both masks, which must have the same size. */
export function rleIntersection(a: Rle, b: Rle): number {
  let [i, j, leftA, leftB, shared] = [0, 0, a.counts[0] ?? 0, b.counts[0] ?? 0, 0];
  while (i < a.counts.length && j < b.counts.length) {
    const run = Math.min(leftA, leftB);
    if (i & j & 1) shared += run;
    leftA -= run;
    leftB -= run;
    if (leftA === 0) leftA = a.counts[++i] ?? 0;
    if (leftB === 0) leftB = b.counts[++j] ?? 0;
  }
  return shared;
}

/** The union of masks of one size. */
export function rleUnion(masks: readonly Rle[]): Rle {
  return masks.reduce((a, b) => {
    const counts: number[] = [];
    let [i, j, leftA, leftB, run, inside] = [0, 0, a.counts[0], b.counts[0], 0, 0];
    while (i < a.counts.length && j < b.counts.length) {
      const step = Math.min(leftA, leftB);
      if (((i | j) & 1) !== inside && step > 0) {
        counts.push(run);
        run = 0;
        inside ^= 1;
      }
      run += step;
      leftA -= step;
      leftB -= step;
      if (leftA === 0) leftA = a.counts[++i] ?? 0;
      if (leftB === 0) leftB = b.counts[++j] ?? 0;
    }
    counts.push(run);
    return {height: a.height, width: a.width, counts: Uint32Array.from(counts)};
  });
}
