/** A length for both sides, or `[height, width]`, in pixels. */
export type Size = number | readonly [height: number, width: number];

/** @throws RangeError unless both sides are whole numbers from 1 up. */
export function sizeOf(size: Size, transform: string): {width: number; height: number} {
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  for (const side of [height, width]) {
    if (Number.isInteger(side) && side >= 1) continue;
    throw new RangeError(
      `${transform}: size must be whole pixels from 1 up, as [height, width], got [${height}, ${width}].`,
    );
  }
  return {width, height};
}

/** @throws RangeError unless `low ≤ high`, both within the limits. */
export function checkInterval(
  name: string,
  [low, high]: readonly [number, number],
  least: number,
  most = Number.POSITIVE_INFINITY,
): void {
  if (low >= least && high <= most && low <= high) return;
  throw new RangeError(
    `${name} must be [least, most] with ${least} ≤ least ≤ most${most < Number.POSITIVE_INFINITY ? ` ≤ ${most}` : ''}, ` +
      `got [${low}, ${high}].`,
  );
}
