// Polygons to masks by the rule of COCO's reference evaluator, so that areas and overlaps agree to the pixel.
import type {Rle} from './rle.js';

/** The reference draws outlines on a grid this many times finer, then keeps the crossings at pixel centres. */
const subPixels = 5;

/**
 * Rasterises a polygon.
 *
 * @param points - `[x0, y0, x1, y1, …]` in pixels; the last point joins the first. Parts outside the image are clipped.
 * @throws RangeError if there are fewer than three points, an odd number of values, or one that is not finite.
 */
export function rleFromPolygon(points: ArrayLike<number>, height: number, width: number): Rle {
  if (points.length < 6 || points.length % 2 === 1 || !Array.from(points).every(Number.isFinite)) {
    throw new RangeError(
      `rle: a polygon must have at least three points as finite x, y pairs, got ${points.length} values.`,
    );
  }
  const outline = traceOutline(points);
  const crossings = [...columnCrossings(outline, height, width), height * width].sort((a, b) => a - b);
  return {height, width, counts: Uint32Array.from(toRuns(crossings))};
}

/** Every fine-grid step of the closed outline. */
function traceOutline(points: ArrayLike<number>): {u: number[]; v: number[]} {
  const corners = points.length / 2;
  const fine = (value: number) => Math.trunc(subPixels * value + 0.5);
  const u: number[] = [];
  const v: number[] = [];
  for (let j = 0; j < corners; j++) {
    const next = (j + 1) % corners;
    let [xs, ys] = [fine(points[2 * j]), fine(points[2 * j + 1])];
    let [xe, ye] = [fine(points[2 * next]), fine(points[2 * next + 1])];
    const dx = Math.abs(xe - xs);
    const dy = Math.abs(ye - ys);
    const flip = dx >= dy ? xs > xe : ys > ye;
    if (flip) [xs, xe, ys, ye] = [xe, xs, ye, ys];
    const steps = Math.max(dx, dy);
    const slope = steps === 0 ? 0 : dx >= dy ? (ye - ys) / dx : (xe - xs) / dy;
    for (let d = 0; d <= steps; d++) {
      const t = flip ? steps - d : d;
      u.push(dx >= dy ? t + xs : Math.trunc(xs + slope * t + 0.5));
      v.push(dx >= dy ? Math.trunc(ys + slope * t + 0.5) : t + ys);
    }
  }
  return {u, v};
}

/** Where the outline crosses the centre line of a pixel column, as positions down the columns. */
function columnCrossings({u, v}: {u: number[]; v: number[]}, height: number, width: number): number[] {
  const crossings: number[] = [];
  for (let j = 1; j < u.length; j++) {
    if (u[j] === u[j - 1]) continue;
    const x = (Math.min(u[j], u[j - 1]) + 0.5) / subPixels - 0.5;
    if (!Number.isInteger(x) || x < 0 || x > width - 1) continue;
    const y = (Math.min(v[j], v[j - 1]) + 0.5) / subPixels - 0.5;
    crossings.push(x * height + Math.ceil(Math.min(Math.max(y, 0), height)));
  }
  return crossings;
}

/** Differences of sorted positions; a run of length zero joins its neighbours. */
function toRuns(positions: readonly number[]): number[] {
  const runs: number[] = [];
  let previous = 0;
  let join = false;
  for (const position of positions) {
    const run = position - previous;
    previous = position;
    if (join) {
      runs[runs.length - 1] += run;
      join = false;
    } else if (run > 0 || runs.length === 0) runs.push(run);
    else join = true;
  }
  return runs;
}
