import type {Rle} from '@foveal/core';
import type {Image} from '../image.js';
import type {Sample} from '../sample.js';
import {gatherMask} from './gatherMask.js';
import {emptyLike, filledImage, range} from './grid.js';

/** A sample at a place on a canvas. */
export interface Part {
  sample: Sample;
  left: number;
  top: number;
}

/**
 * Puts samples side by side on a canvas, which they fill. Boxes, labels, masks and class maps are kept if every part has
 * them; `crowd` and `difficult` count as 0 where a part has none; the label of the whole image is left out. The canvas is
 * grey if all parts are.
 */
export function joinSamples(parts: readonly Part[], width: number, height: number): Sample {
  const channels = parts.some(({sample}) => sample.image.channels === 3) ? 3 : 1;
  const image = filledImage(width, height, channels, 0);
  for (const {sample, left, top} of parts) paste(sample.image, image, left, top);
  const joined: Sample = {image, file: parts.map(({sample}) => sample.file).join(' + ')};
  const samples = parts.map(({sample}) => sample);

  if (samples.every(({boxes}) => boxes)) joined.boxes = Float32Array.from(parts.flatMap(shiftedBoxes));
  if (samples.every(({labels}) => labels))
    joined.labels = Int32Array.from(samples.flatMap(s => [...s.labels!]));
  if (samples.every(({masks}) => masks))
    joined.masks = parts.flatMap(part => shiftedMasks(part, width, height));
  for (const flag of ['crowd', 'difficult'] as const) {
    if (!samples.some(sample => sample[flag])) continue;
    joined[flag] = Uint8Array.from(samples.flatMap(s => [...(s[flag] ?? new Uint8Array(objectsOf(s)))]));
  }
  if (samples.every(({classMap}) => classMap)) {
    const classMap = emptyLike(samples[0].classMap!, width * height);
    for (const {sample, left, top} of parts) {
      const row = sample.image.width;
      for (let y = 0; y < sample.image.height; y++) {
        classMap.set(sample.classMap!.subarray(y * row, (y + 1) * row), (top + y) * width + left);
      }
    }
    joined.classMap = classMap;
  }
  return joined;
}

const objectsOf = ({labels, boxes, masks}: Sample): number =>
  labels?.length ?? (boxes ? boxes.length / 4 : (masks?.length ?? 0));

const shiftedBoxes = ({sample, left, top}: Part): number[] =>
  Array.from(sample.boxes!, (value, i) => value + (i % 2 === 0 ? left : top));

function shiftedMasks({sample, left, top}: Part, width: number, height: number): Rle[] {
  const grid = {
    columns: range(sample.image.width, -left, width),
    rows: range(sample.image.height, -top, height),
  };
  return sample.masks!.map(mask => gatherMask(mask, grid));
}

/** Copies an image onto another one, grey as equal red, green and blue. */
function paste(from: Image, onto: Image, left: number, top: number): void {
  const row = from.width * from.channels;
  for (let y = 0; y < from.height; y++) {
    const pixels = from.data.subarray(y * row, (y + 1) * row);
    const to = ((top + y) * onto.width + left) * onto.channels;
    if (from.channels === onto.channels) onto.data.set(pixels, to);
    else for (let i = 0; i < row * 3; i++) onto.data[to + i] = pixels[Math.floor(i / 3)];
  }
}
