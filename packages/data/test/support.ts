import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import sharp from 'sharp';
import type {Dataset} from '../src/dataset.js';
import type {Image} from '../src/image.js';

/** A file or folder under `fixtures`. */
export const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));

/** A folder that lives as long as the test. */
export async function temporaryFolder(t: ExecutionContext<unknown>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'foveal-data-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

/** An image whose values are a formula of their place. */
export function makeImage(
  width: number,
  height: number,
  channels: 1 | 3,
  value = (x: number, y: number, c: number) => x * 7 + y * 31 + c * 101,
): Image {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    data[i] = value(pixel % width, Math.floor(pixel / width), i % channels);
  }
  return {data, width, height, channels};
}

/** A smooth picture as a JPEG or PNG file. */
export function encode(format: 'jpeg' | 'png', width = 64, height = 48): Promise<Buffer> {
  const {data} = makeImage(width, height, 3, (x, y, c) => 128 + 100 * Math.sin(x / 9 + c) * Math.cos(y / 7));
  return sharp(data, {raw: {width, height, channels: 3}})
    .toFormat(format, {quality: 90})
    .toBuffer();
}

/** A dataset of these images in memory; image i has label i. */
export function datasetOf(images: Image[]): Dataset {
  return {
    length: images.length,
    categories: images.map((_, i) => `class ${i}`),
    get: async index => ({image: images[index], label: index, file: `image ${index}`}),
  };
}
