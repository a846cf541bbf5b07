// PNG: ISO/IEC 15948, chapters 5 (chunks), 11.2.2 (IHDR) and 11.2.3 (PLTE).
import {crc32} from 'node:zlib';
import {PNG} from 'pngjs';
import {categoryColor, rgbOf} from '../draw/categoryColor.js';
import type {Segmentation} from './segmenter.js';

const [headerEnd, paletteType] = [8 + 25, 3];

/**
 * A PNG whose pixels are the categories themselves, with a palette of colours, as Pascal VOC stores masks; grey with 16
 * bits for more than 256 categories. `maskFolder` reads it back.
 *
 * @param categories - How many colours the palette has, if up to 256.
 */
export function indexPng({classMap, width, height}: Segmentation, categories: number): Buffer {
  const wide = classMap.BYTES_PER_ELEMENT === 2;
  const png = new PNG({width, height});
  const data = wide ? Buffer.from(Uint16Array.from(classMap).buffer) : Buffer.from(classMap);
  png.data = data;
  const options = {colorType: 0, inputColorType: 0, bitDepth: wide ? 16 : 8, inputHasAlpha: false} as const;
  const grey = PNG.sync.write(png, options);
  if (wide) return grey;
  // Levels of grey and indices are stored alike: only the header and a palette tell them apart.
  const header = Buffer.from(grey.subarray(8, headerEnd));
  header[8 + 9] = paletteType;
  header.writeUInt32BE(crc32(header.subarray(4, -4)) >>> 0, header.length - 4);
  const colours = Array.from({length: Math.min(256, categories)}, (_, c) => rgbOf(categoryColor(c))).flat();
  return Buffer.concat([
    grey.subarray(0, 8),
    header,
    chunk('PLTE', Buffer.from(colours)),
    grey.subarray(headerEnd),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body) >>> 0, out.length - 4);
  return out;
}
