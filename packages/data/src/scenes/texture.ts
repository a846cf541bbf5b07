import type {Random} from '@foveal/core';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Cells along the longer side of each layer of noise, and how much each counts. */
const layers = [
  {cells: 3, share: 0.5},
  {cells: 9, share: 0.3},
  {cells: 28, share: 0.2},
] as const;

/**
 * A background: two colours that run into each other in blots of several sizes, sometimes with stripes, under grain.
 *
 * @returns `[height · width · 3]`, row by row.
 */
export function texture(width: number, height: number, random: Random): Uint8Array {
  const [from, to] = [randomColour(random), randomColour(random)];
  const blend = new Float32Array(width * height);
  for (const {cells, share} of layers) addNoise(blend, width, height, {cells, share, random});
  const stripes = random.next() < 0.4 ? 0.15 + 0.15 * random.next() : 0;
  const angle = Math.PI * random.next();
  const [fx, fy] = [Math.cos(angle), Math.sin(angle)].map(part => part * (0.2 + 0.5 * random.next()));
  const pixels = new Uint8Array(width * height * 3);
  let bits = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const wave = stripes && stripes * Math.sin(fx * x + fy * y);
      const share = Math.min(1, Math.max(0, blend[i] + wave));
      // A number of 32 bits is enough for four pixels.
      if (i % 4 === 0) bits = random.uint32();
      const grain = (((bits >>> (8 * (i % 4))) & 255) - 127.5) / 12;
      for (let c = 0; c < 3; c++) {
        pixels[3 * i + c] = Math.min(255, Math.max(0, from[c] + (to[c] - from[c]) * share + grain));
      }
    }
  }
  return pixels;
}

export const randomColour = (random: Random): Colour => [random.int(256), random.int(256), random.int(256)];

/** Values between random ones at the corners of a grid. */
function addNoise(
  onto: Float32Array,
  width: number,
  height: number,
  {cells, share, random}: {cells: number; share: number; random: Random},
): void {
  const side = Math.max(width, height) / cells;
  const columns = Math.ceil(width / side) + 2;
  const corners = Float32Array.from({length: columns * (Math.ceil(height / side) + 2)}, () => random.next());
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / side);
    const fy = y / side - row;
    for (let x = 0; x < width; x++, i++) {
      const column = Math.floor(x / side);
      const fx = x / side - column;
      const at = row * columns + column;
      const above = corners[at] * (1 - fx) + corners[at + 1] * fx;
      const below = corners[at + columns] * (1 - fx) + corners[at + columns + 1] * fx;
      onto[i] += share * (above * (1 - fy) + below * fy);
    }
  }
}
