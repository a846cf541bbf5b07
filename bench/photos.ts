import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import sharp from 'sharp';

export interface Photos {
  /** Paths of JPEG files; the same one may stand there several times. */
  files: string[];
  /** `of the folder given` or `synthetic`. */
  origin: string;
  dispose(): Promise<void>;
}

/**
 * So many JPEG files: those below the folder `FOVEAL_PHOTOS`, over and over; without it, 64 pictures of 640 × 480 with
 * smooth shades and grain, which take as long to decode as a photo of that size.
 */
export async function photos(count: number): Promise<Photos> {
  const folder = process.env['FOVEAL_PHOTOS'];
  const made = folder === undefined ? await makePhotos() : undefined;
  const place = folder ?? made ?? '';
  const names = await readdir(place, {recursive: true});
  const found = names
    .filter(name => /\.jpe?g$/i.test(name))
    .sort()
    .map(name => join(place, name));
  if (found.length === 0) throw new Error(`FOVEAL_PHOTOS: no .jpg or .jpeg below ${place}.`);
  return {
    files: Array.from({length: count}, (_, i) => found[i % found.length]),
    origin: made === undefined ? `${found.length} photos over and over` : 'synthetic photos of 640 × 480',
    async dispose() {
      if (made !== undefined) await rm(made, {recursive: true});
    },
  };
}

async function makePhotos(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'foveal-photos-'));
  const [width, height] = [640, 480];
  let state = 1;
  const grain = () => ((state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0) >>> 24) / 8;
  for (let n = 0; n < 64; n++) {
    const data = Uint8Array.from({length: width * height * 3}, (_, i) => {
      const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
      return 110 + 90 * Math.sin(x / (20 + n) + c) * Math.cos(y / (30 + c * n)) + grain();
    });
    const jpeg = await sharp(data, {raw: {width, height, channels: 3}})
      .jpeg({quality: 85})
      .toBuffer();
    await writeFile(join(folder, `${n}.jpg`), jpeg);
  }
  return folder;
}
