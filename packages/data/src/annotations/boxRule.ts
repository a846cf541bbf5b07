/** `[x1, y1, x2, y2]` in pixels. */
export type Box = readonly [number, number, number, number];

/** Boxes may reach this many pixels over the image's edge: annotators round outwards, and some count pixels from 1. */
export const boxTolerance = 1;

export interface BoxFault {
  reason: string;
  /** The box cut to the image; undefined if nothing of it remains. */
  repaired?: Box;
}

/**
 * What is wrong with a box, if anything: a value that is not finite, no width or height, or parts further than
 * {@link boxTolerance} outside the image.
 *
 * @param size - The image's `[width, height]`; without it, only the box itself is looked at.
 */
export function boxFault(box: Box, size?: readonly [number, number]): BoxFault | undefined {
  const text = `[${box.map(value => +value.toFixed(2)).join(', ')}]`;
  if (!box.every(Number.isFinite)) return {reason: `box ${text} must be finite.`};
  const [x1, y1, x2, y2] = box;
  if (x2 <= x1 || y2 <= y1) return {reason: `box ${text} must have x1 < x2 and y1 < y2.`};
  if (!size) return undefined;
  const [width, height] = size;
  const over = Math.max(-x1, -y1, x2 - width, y2 - height);
  if (over <= boxTolerance) return undefined;
  const reason = `box ${text} lies ${+over.toFixed(2)} pixels outside the image of ${width} × ${height}.`;
  const clipped = clipBox(box, size);
  return clipped[2] > clipped[0] && clipped[3] > clipped[1] ? {reason, repaired: clipped} : {reason};
}

/** The part of a box inside the image of `[width, height]`; without width or height if there is none. */
export function clipBox([x1, y1, x2, y2]: Box, [width, height]: readonly [number, number]): Box {
  const inside = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  return [inside(x1, width), inside(y1, height), inside(x2, width), inside(y2, height)];
}
