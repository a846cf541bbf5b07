/** A part of an image that a network sees, and the part of it whose result counts; all in pixels of the image. */
export interface Tile {
  top: number;
  left: number;
  height: number;
  width: number;
  /** `[top, left, bottom, right]`. */
  kept: readonly [number, number, number, number];
}

/**
 * Covers an image with overlapping tiles. Each pixel counts in the tile whose border is farthest from it: overlaps are
 * cut in their middle. An image that fits into one tile is one.
 *
 * @throws RangeError if tiles are not larger than their overlap.
 */
export function tilesOf(
  height: number,
  width: number,
  {tile, overlap}: {tile: number; overlap: number},
): Tile[] {
  if (!(Number.isInteger(tile) && Number.isInteger(overlap) && overlap >= 0 && tile > 2 * overlap)) {
    throw new RangeError(
      `tiles: expected a side of more than twice the overlap, in whole pixels; got ${tile} and ${overlap}.`,
    );
  }
  const [rows, columns] = [spans(height, tile, overlap), spans(width, tile, overlap)];
  return rows.flatMap(row =>
    columns.map(column => ({
      top: row.start,
      left: column.start,
      height: row.length,
      width: column.length,
      kept: [row.from, column.from, row.to, column.to] as const,
    })),
  );
}

function spans(size: number, tile: number, overlap: number) {
  if (size <= tile) return [{start: 0, length: size, from: 0, to: size}];
  const count = Math.ceil((size - overlap) / (tile - overlap));
  // Evenly spaced, so that no overlap is smaller than asked for.
  const starts = Array.from({length: count}, (_, i) => Math.round((i * (size - tile)) / (count - 1)));
  const cut = (i: number) => Math.round((starts[i] + tile + starts[i + 1]) / 2);
  return starts.map((start, i) => ({
    start,
    length: tile,
    from: i === 0 ? 0 : cut(i - 1),
    to: i === count - 1 ? size : cut(i),
  }));
}
