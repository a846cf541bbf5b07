import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {crc32, deflateSync} from 'node:zlib';
import type {ExecutionContext} from 'ava';
import {temporaryFolder} from './support.js';

/** A folder with these files in it, as long as the test runs. */
export async function filesIn(
  t: ExecutionContext<unknown>,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), {recursive: true});
    await writeFile(join(folder, name), content);
  }
  return folder;
}

export interface PngOptions {
  width: number;
  height: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  colorType: 0 | 2 | 3 | 4 | 6;
  depth?: 1 | 2 | 4 | 8 | 16;
  /** The palette, `[r, g, b, r, g, b, …]`. */
  palette?: number[];
  /** The content of a tRNS chunk. */
  transparency?: number[];
}

/** A PNG of exactly these values, which no image library would write. */
export function png(
  values: readonly number[],
  {width, height, colorType, depth = 8, palette, transparency}: PngOptions,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colorType, 0, 0, 0], 8);
  const perRow = values.length / height;
  const rows: number[] = [];
  for (let y = 0; y < height; y++) {
    const bits = values
      .slice(y * perRow, (y + 1) * perRow)
      .map(value => value.toString(2).padStart(depth, '0'))
      .join('');
    rows.push(0, ...(bits.match(/.{1,8}/g) ?? []).map(byte => Number.parseInt(byte.padEnd(8, '0'), 2)));
  }
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Buffer.from(palette))] : []),
    ...(transparency ? [chunk('tRNS', Buffer.from(transparency))] : []),
    chunk('IDAT', deflateSync(Buffer.from(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
