import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Image} from '@foveal/data';
import {type SelectiveSearchOptions, selectiveSearch} from './selectiveSearch.js';

/**
 * Where a detector looks for objects: `[K · 4]` float32, `[x1, y1, x2, y2]` in pixels of the image. Synchronous, for it is
 * asked while a batch is put together.
 */
export type ProposalSource = (image: Image) => Float32Array;

/** Part of every name: it changes when the search comes to other boxes. */
const version = 1;

/**
 * Selective search that looks at each image once: its boxes are kept in a folder, by what the image shows and how it
 * was searched. Several processes may share the folder. A file that was cut off is made again.
 *
 * @param folder - Made if need be.
 */
export function proposalCache(folder: string, options: SelectiveSearchOptions = {}): ProposalSource {
  return image => {
    const file = join(folder, `${nameOf(image, options)}.boxes`);
    const known = existsSync(file) ? parse(readFileSync(file)) : undefined;
    if (known) return known;
    const boxes = selectiveSearch(image, options);
    mkdirSync(folder, {recursive: true});
    // Other processes see the file whole or not at all.
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, serialize(boxes));
    renameSync(temporary, file);
    return boxes;
  };
}

function nameOf({data, width, height, channels}: Image, options: SelectiveSearchOptions): string {
  const searched = JSON.stringify([version, width, height, channels, Object.entries(options).sort()]);
  return createHash('sha256').update(searched).update(data).digest('hex').slice(0, 32);
}

/** The number of boxes, then their values, little-endian. */
function serialize(boxes: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 + 4 * boxes.length);
  bytes.writeUInt32LE(boxes.length / 4);
  boxes.forEach((value, i) => {
    bytes.writeFloatLE(value, 4 + 4 * i);
  });
  return bytes;
}

/** @returns undefined if the file is not whole. */
function parse(bytes: Buffer): Float32Array | undefined {
  if (bytes.length < 4 || bytes.length !== 4 + 16 * bytes.readUInt32LE()) return undefined;
  return Float32Array.from({length: (bytes.length - 4) / 4}, (_, i) => bytes.readFloatLE(4 + 4 * i));
}
