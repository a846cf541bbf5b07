// PNG: ISO/IEC 15948, chapters 5 (chunks) and 11.2 (IHDR, PLTE).
import {crc32} from 'node:zlib';
import {PNG} from 'pngjs';
import {DatasetError} from '../datasetError.js';
import {readRegularFile} from '../readRegularFile.js';

/** The raw values of a PNG: palette indices or grey levels, at the depth they are stored in, or colours. */
export interface MaskPng {
  width: number;
  height: number;
  /** 1 for indices and grey, 3 for colours; alpha is dropped. */
  channels: 1 | 3;
  /** `[height · width · channels]`, row by row. */
  data: Uint8Array | Uint16Array;
}

const signature = '89504e470d0a1a0a';
/** Larger images are refused before they are unpacked. */
const maxPixels = 16_383 ** 2;
const [grey, palette, greyAlpha] = [0, 3, 4];

/**
 * Reads a PNG without changing its values: palettes are not looked up, 16 bits stay, 1, 2 and 4 bits are not stretched.
 *
 * @throws DatasetError naming the file if it is no PNG, damaged, or too large.
 */
export async function readMaskPng(file: string): Promise<MaskPng> {
  try {
    return decodeMaskPng(await readRegularFile(file));
  } catch (cause) {
    throw new DatasetError(file, (cause as Error).message, {cause});
  }
}

/** @throws Error whose message is a reason to follow the file's name. */
export function decodeMaskPng(bytes: Buffer): MaskPng {
  if (bytes.subarray(0, 8).toString('hex') !== signature || bytes.length < 33) {
    const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
    throw new Error(
      jpeg ? 'expected a PNG, got a JPEG, which blurs indices.' : 'expected a PNG, got something else.',
    );
  }
  const [width, height, depth, colorType] = [
    bytes.readUInt32BE(16),
    bytes.readUInt32BE(20),
    bytes[24],
    bytes[25],
  ];
  if (width * height > maxPixels) {
    throw new Error(`${width} × ${height} pixels are more than the ${maxPixels} allowed.`);
  }
  const {data} = readPng(withoutLookups(bytes));
  // pngjs types its 8-bit data; 16 bits come as a Uint16Array.
  const values: Uint8Array | Uint16Array = data;
  const channels = colorType === palette || colorType === grey || colorType === greyAlpha ? 1 : 3;
  const size = width * height * channels;
  const kept = depth === 16 ? new Uint16Array(size) : new Uint8Array(size);
  for (let from = 0, to = 0; to < size; from += 4) {
    for (let c = 0; c < channels; c++) kept[to++] = values[from + c];
  }
  return {width, height, channels, data: kept};
}

function readPng(bytes: Buffer): PNG {
  try {
    return PNG.sync.read(bytes, {skipRescale: true});
  } catch (cause) {
    throw new Error(`a damaged or truncated PNG image (${(cause as Error).message}).`, {cause});
  }
}

/** pngjs looks palettes up, and blackens a transparent colour. Called grey, indices stay; without tRNS, colours do. */
function withoutLookups(bytes: Buffer): Buffer {
  const parts = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    const chunk = bytes.subarray(at, end);
    const type = chunk.toString('latin1', 4, 8);
    if (type === 'IHDR' && chunk[17] === palette) parts.push(withColorType(chunk, grey));
    else if (type !== 'PLTE' && type !== 'tRNS') parts.push(chunk);
    at = end;
  }
  return Buffer.concat(parts);
}

/** A wrong checksum stays wrong: damage is not to be covered up. */
function withColorType(header: Buffer, colorType: number): Buffer {
  const changed = Buffer.from(header);
  changed[17] = colorType;
  const before = crc32(header.subarray(4, -4));
  const difference = crc32(changed.subarray(4, -4)) ^ before;
  changed.writeUInt32BE((header.readUInt32BE(header.length - 4) ^ difference) >>> 0, header.length - 4);
  return changed;
}
