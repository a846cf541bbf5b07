import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Random} from '@foveal/core';
import type {Dataset, Image, Sample} from '@foveal/data';
import {encodePng} from '../../src/draw/encodePng.js';

const painters: Record<string, (x: number, y: number) => boolean> = {
  checks: (x, y) => (x >> 2) % 2 === (y >> 2) % 2,
  columns: x => (x >> 2) % 2 === 0,
  rows: (_, y) => (y >> 2) % 2 === 0,
};

/** Grey images of stripes and checks under noise, an endless supply of a task that a small network can learn. */
export function patterns(length: number, {seed = 1, channels = 1 as 1 | 3, size = 28} = {}): Dataset {
  const categories = Object.keys(painters);
  return {
    length,
    categories,
    get: async (index): Promise<Sample> => {
      const random = new Random(seed * 10_000 + index);
      const label = index % categories.length;
      const data = new Uint8Array(size * size * channels);
      const shift = random.int(4);
      for (let i = 0; i < size * size; i++) {
        const light = painters[categories[label]]((i % size) + shift, Math.floor(i / size) + shift)
          ? 200
          : 50;
        data.fill(light + random.int(50) - 25, i * channels, (i + 1) * channels);
      }
      const image: Image = {data, width: size, height: size, channels};
      return {image, label, file: `pattern-${index}.png`};
    },
  };
}

/** Writes an image as a PNG file. */
export const writePng = async (image: Image, path: string) => writeFileSync(path, await encodePng(image));

/** Writes a dataset as a folder of categories. */
export async function writeFolder(dataset: Dataset, folder: string): Promise<void> {
  for (const category of dataset.categories) mkdirSync(join(folder, category), {recursive: true});
  for (let i = 0; i < dataset.length; i++) {
    const {image, label = 0} = await dataset.get(i);
    await writePng(image, join(folder, dataset.categories[label], `${i}.png`));
  }
}
