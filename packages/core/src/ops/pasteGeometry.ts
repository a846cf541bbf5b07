// Where the pixels of a box in the image read a mask: shared by the dense masks of the portable engines and by the runs.
// All in float32, as the native kernels, for a threshold tells neighbours apart.

const {fround} = Math;
const FAR = 1e9;

/** Whole pixels, the last ones included. */
export type PastedBox = Record<'left' | 'top' | 'right' | 'bottom', number>;

/** One pixel along an axis, and the two cells of the mask, counted with its border, that it blends. */
export interface Tap {
  pixel: number;
  low: number;
  high: number;
  fraction: number;
}

/** The box, grown by as much as the border adds to its mask, and cut to whole pixels towards zero. */
export function pastedBox(corners: ArrayLike<number>, side: number): PastedBox {
  const scale = fround((side + 2) / side);
  const axis = (low: number, high: number): [number, number] => {
    const half = fround(fround(fround(high - low) * 0.5) * scale);
    const centre = fround(fround(high + low) * 0.5);
    const [first, last] = [fround(centre - half), fround(centre + half)];
    const known = Math.abs(first) < FAR && Math.abs(last) < FAR; // NaN is not
    return known ? [Math.trunc(first), Math.trunc(last)] : [0, -1];
  };
  const [[left, right], [top, bottom]] = [axis(corners[0], corners[2]), axis(corners[1], corners[3])];
  return {left, top, right, bottom};
}

/** The pixels of the image from `first` to `last`, with what they read of a mask of `side` cells and its border. */
export function pastedTaps(first: number, last: number, side: number, size: number): Tap[] {
  const cells = side + 2;
  const scale = fround(cells / (last - first + 1));
  const taps: Tap[] = [];
  for (let pixel = Math.max(first, 0); pixel <= Math.min(last, size - 1); pixel++) {
    const at = Math.max(fround(fround(scale * fround(pixel - first + 0.5)) - 0.5), 0);
    const low = Math.min(Math.floor(at), cells - 1);
    taps.push({pixel, low, high: Math.min(low + 1, cells - 1), fraction: fround(at - low)});
  }
  return taps;
}

export const blend = (a: number, b: number, fraction: number) =>
  fround(fround(fround(1 - fraction) * a) + fround(fraction * b));

/** What a column of pixels reads of each row of the mask, its border included: `[side + 2]`. */
export function blendedColumn(mask: Float32Array, side: number, {low, high, fraction}: Tap): Float32Array {
  const inside = (row: number, column: number) =>
    column >= 1 && column <= side ? mask[(row - 1) * side + column - 1] : 0;
  const column = new Float32Array(side + 2); // the border's first and last row stay zero
  for (let row = 1; row <= side; row++) column[row] = blend(inside(row, low), inside(row, high), fraction);
  return column;
}
