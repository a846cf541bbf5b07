/**
 * Intersection over union of box `i` of one list and box `j` of another.
 *
 * @param a - `[x1, y1, x2, y2]` for each box.
 * @param b - Likewise, in the same unit.
 */
export function boxOverlap(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const [ax1, ay1, ax2, ay2] = a.subarray(4 * i, 4 * i + 4);
  const [bx1, by1, bx2, by2] = b.subarray(4 * j, 4 * j + 4);
  const width = Math.min(ax2, bx2) - Math.max(ax1, bx1);
  const height = Math.min(ay2, by2) - Math.max(ay1, by1);
  if (!(width > 0 && height > 0)) return 0;
  const shared = width * height;
  return shared / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared);
}
