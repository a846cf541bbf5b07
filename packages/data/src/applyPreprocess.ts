import type {Preprocess} from '@foveal/core';
import {fitImage} from './fitImage.js';
import type {Image} from './image.js';
import {resizeKernel} from './resizeKernel.js';

/** Values a model gets for one image. */
export const inputLength = ({inputSize: [height, width], color}: Preprocess) =>
  height * width * channelsOf(color);

/** Channels of a model's input. */
export const channelsOf = (color: Preprocess['color']) => (color === 'gray' ? 1 : 3);

/**
 * An image as a model wants it: resized, cut, its channels in order and normalised.
 *
 * @returns `[height, width, channels]` of `preprocess.inputSize`, float32, `(v · scale − mean) / std`.
 * @throws RangeError if the preprocessing contradicts itself.
 */
export async function applyPreprocess(image: Image, preprocess: Preprocess): Promise<Float32Array> {
  const out = new Float32Array(inputLength(preprocess));
  writeNormalized(await fitImage(image, preprocess), preprocess, out, 0);
  return out;
}

/** Writes the normalised values of an image that has its final size to `out[offset …]`. */
export function writeNormalized(
  image: Image,
  preprocess: Preprocess,
  out: Float32Array,
  offset: number,
): void {
  const tables = tablesOf(preprocess);
  if (preprocess.color === 'gray') writeGray(image, tables[0], out, offset);
  else if (image.channels === 1) spreadGray(image.data, tables, out, offset);
  else writeColor(image.data, preprocess.color === 'bgr', tables, out, offset);
}

function writeColor(
  data: Uint8Array,
  swap: boolean,
  tables: Float32Array[],
  out: Float32Array,
  offset: number,
): void {
  // In the kernel's memory: the tables, the image, its values.
  const pixels = 3 * 256 * 4;
  const end = pixels + data.length;
  const values = Math.ceil(end / 4);
  const {memory, lookUp} = resizeKernel(4 * (values + data.length));
  const floats = new Float32Array(memory.buffer);
  tables.forEach((table, c) => {
    floats.set(table, c * 256);
  });
  new Uint8Array(memory.buffer).set(data, pixels);
  lookUp(pixels, end, 0, swap ? 2 : 0, 4 * values);
  out.set(floats.subarray(values, values + data.length), offset);
}

function spreadGray(
  data: Uint8Array,
  [first, second, third]: Float32Array[],
  out: Float32Array,
  offset: number,
): void {
  for (let i = 0, to = offset; i < data.length; i++) {
    out[to++] = first[data[i]];
    out[to++] = second[data[i]];
    out[to++] = third[data[i]];
  }
}

function writeGray({data, channels}: Image, table: Float32Array, out: Float32Array, offset: number): void {
  if (channels === 1) {
    for (let i = 0; i < data.length; i++) out[offset + i] = table[data[i]];
    return;
  }
  // ITU-R 601-2 luma in Pillow's integers, so that grey means the same to both.
  for (let i = 0, to = offset; i < data.length; i += 3) {
    out[to++] = table[(data[i] * 19595 + data[i + 1] * 38470 + data[i + 2] * 7471 + 0x8000) >> 16];
  }
}

const known = new WeakMap<Preprocess, Float32Array[]>();

/** What each of the 256 values of each channel becomes. */
function tablesOf(preprocess: Preprocess): Float32Array[] {
  let tables = known.get(preprocess);
  if (tables === undefined) known.set(preprocess, (tables = makeTables(preprocess)));
  return tables;
}

function makeTables({color, scale, mean, std}: Preprocess): Float32Array[] {
  const channels = channelsOf(color);
  if (mean.length !== channels || std.length !== channels) {
    throw new RangeError(
      `preprocess: ${color} needs ${channels} values of mean and std, got ${mean.length} and ${std.length}.`,
    );
  }
  return mean.map((shift, c) =>
    Float32Array.from({length: 256}, (_, value) => (value * scale - shift) / std[c]),
  );
}
