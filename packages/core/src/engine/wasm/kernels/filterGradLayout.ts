import {transpose2d} from '../transpose2d.js';

/** One axis of the filter: for each tap which phase of the stride it reads, and how many grid steps away. */
export interface Axis {
  phases: number[];
  shifts: number[];
  /** The least and the greatest shift, but none beyond 0. */
  before: number;
  after: number;
  /** Grid size along this axis if it holds all of it. */
  size: number;
}

/** Some rows of some images. */
export interface Chunk {
  images: readonly [from: number, to: number];
  /** Rows of dy. */
  rows: readonly [from: number, to: number];
  /** Grid rows an image takes, halo included. */
  height: number;
  /** Grid points in all. */
  length: number;
}

/** @param size - of the image; @param outSize - of dy. */
export function axisOf(
  size: number,
  kernel: number,
  outSize: number,
  stride: number,
  padding: number,
  dilation: number,
): Axis {
  const positions = Array.from({length: kernel}, (_, tap) => tap * dilation - padding);
  const phases = positions.map(position => ((position % stride) + stride) % stride);
  const shifts = positions.map((position, tap) => (position - phases[tap]) / stride);
  const [before, after] = [Math.min(0, ...shifts), Math.max(0, ...shifts)];
  const real = Math.ceil(size / stride); // pixels in the longest phase
  return {phases, shifts, before, after, size: Math.max(real, outSize + after, real - before)};
}

/** What one chunk may take of the cache, in numbers, and how long a product must be to be worth adding up. */
const [budget, shortest] = [1 << 17, 512];

/** Whole images if several fit, otherwise bands of rows. */
export function chunksOf(dyShape: number[], rows: Axis, columns: number, channels: number): Chunk[] {
  const [batch, outHeight, , outputs] = dyShape;
  const halo = rows.after - rows.before;
  const wanted = Math.max(shortest, budget / (channels + outputs));
  const band = Math.min(outHeight, Math.max(4 * halo, Math.ceil(wanted / columns), 1));
  const group = band < outHeight ? 1 : Math.max(1, Math.floor(wanted / (rows.size * columns)));
  const chunks: Chunk[] = [];
  for (let n = 0; n < batch; n += group) {
    for (let y = 0; y < outHeight; y += band) {
      const images = [n, Math.min(n + group, batch)] as const;
      const range = [y, Math.min(y + band, outHeight)] as const;
      // What lies above and below a whole image is zero, so neighbours share it.
      const height = band < outHeight ? range[1] - range[0] + halo : rows.size;
      chunks.push({images, rows: range, height, length: (images[1] - images[0]) * height * columns});
    }
  }
  return chunks;
}

/** A chunk of dy onto its grid, zeros elsewhere: `[L, K]`. */
export function layOutUpstream(
  dy: Float32Array,
  grid: Float32Array,
  [, height, width, channels]: number[],
  {images, rows, height: pitch, length}: Chunk,
  columns: number,
): void {
  const line = width * channels;
  grid.fill(0, 0, length * channels);
  for (let n = images[0]; n < images[1]; n++) {
    for (let y = rows[0]; y < rows[1]; y++) {
      const from = (n * height + y) * line;
      const row = (n - images[0]) * pitch + y - rows[0];
      grid.set(dy.subarray(from, from + line), row * columns * channels);
    }
  }
}

/**
 * One phase of a chunk of images onto the grid, channel by channel: `[C, L]`, zeros where no pixel is. Rows above the
 * chunk's first lie at the end of the image before, where dy is zero.
 */
export function layOutImages(
  x: Float32Array,
  grid: Float32Array,
  slack: number,
  [, height, width, channels]: number[],
  {images, rows, height: pitch, length}: Chunk,
  layout: {first: readonly [number, number]; strides: readonly [number, number]; rows: Axis; columns: number},
): void {
  const {first, strides, columns} = layout;
  grid.fill(0);
  for (let n = images[0]; n < images[1]; n++) {
    for (let row = layout.rows.before; row < rows[1] - rows[0] + layout.rows.after; row++) {
      const y = (rows[0] + row) * strides[0] + first[0];
      if (y < 0 || y >= height) continue;
      const source = (n * height + y) * width * channels;
      const target = slack + ((n - images[0]) * pitch + row) * columns;
      if (strides[1] === 1) {
        transpose2d(x, source, grid, target, width, channels, length);
        continue;
      }
      for (let pixel = first[1], column = 0; pixel < width; pixel += strides[1], column++) {
        for (let c = 0; c < channels; c++) {
          grid[target + c * length + column] = x[source + pixel * channels + c];
        }
      }
    }
  }
}
